import type { Schema } from '../../store/index.ts';
import type { ReplayedLock, TableCheck } from '../replay/index.ts';

/** A lock: each of its columns is what the log says. */
export const locksCheck: TableCheck<Schema['locks']> = {
  keyOf: ({ kind, name, locked_at_ms }) => [kind, name, String(locked_at_ms)],
  recorded: 'every',
  check(row, { replay }, report) {
    const recorded = replay.get<ReplayedLock>(['locks', row.kind, row.name, String(row.locked_at_ms)]);
    if (!recorded) return;
    if (row.kids !== recorded.kids || row.reason !== recorded.reason)
      report('content', 'it locks other keys, or has another reason, than the log says');
    if (row.locked_by !== recorded.lockedBy) report('content', `by the log it is ${recorded.lockedBy}'s`);
    if (row.ended_by !== recorded.endedBy || row.ended_at_ms !== recorded.endedMs)
      report('state', 'by the log it ended at another time, or by somebody else');
  },
};
