import type { Schema } from '../../../store/index.ts';
import type { ReplayedHold, TableCheck } from '../../replay/index.ts';

type Row = Schema['host_journals'];

/**
 * Journals of hosts. The log records who is held and who was accepted; how far a journal has come is replaced
 * with every statement, and carries a MAC.
 */
export const hostJournalsCheck: TableCheck<Row> = {
  keyOf: ({ host }) => [host],
  recorded: 'some',
  check(row, { replay }, report) {
    const recorded = replay.get<ReplayedHold>(['host_journals', row.host]);
    const ofThisKey = recorded?.kid === row.kid ? recorded : undefined;
    if (row.hold !== (ofThisKey?.why ?? null))
      report('state', `by the log it is ${ofThisKey?.why ?? 'not held'}`);
    if (row.accepted_at_ms !== (ofThisKey?.acceptedMs ?? null))
      report('state', 'by the log it was accepted at another time');
  },
};
