import type { Schema } from '../../../store/index.ts';
import type { ReplayedHost, TableCheck } from '../../replay/index.ts';

type Row = Schema['host_heartbeats'];

/**
 * Heartbeats. The log does not record them, and nothing signed is kept: each is replaced every few seconds.
 * Their MACs say that a controller wrote them.
 */
export const hostHeartbeatsCheck: TableCheck<Row> = {
  keyOf: ({ host }) => [host],
  recorded: 'none',
  check(row, { replay }, report) {
    if (!replay.get<ReplayedHost>(['hosts', row.host])) report('state', 'the log records no such host');
  },
};
