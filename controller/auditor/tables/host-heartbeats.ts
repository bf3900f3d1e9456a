import type { Schema } from '../../store/index.ts';
import type { ReplayedHost, TableCheck } from '../replay/index.ts';

type Row = Schema['host_heartbeats'];

/**
 * Heartbeats. The log does not record them, and nothing signed is kept: each is replaced every few seconds.
 * Anyone who can write to the database can make an unhealthy wave look healthy, or the other way round. They
 * cannot touch what hosts signed as their results, with the taint and the boot of the call.
 */
export const hostHeartbeatsCheck: TableCheck<Row> = {
  keyOf: ({ host }) => [host],
  recorded: 'none',
  check(row, { replay }, report) {
    if (!replay.get<ReplayedHost>(['hosts', row.host])) report('state', 'the log records no such host');
  },
};
