import type { Schema } from '../../store/index.ts';
import type { EnrolmentNote, TableCheck } from '../replay/index.ts';

type Row = Schema['enrolments'];

/** An enrolment: each of its columns is what the log says. No secret is stored, so there is nothing else to check. */
export const enrolmentsCheck: TableCheck<Row> = {
  keyOf: ({ id }) => [id],
  told: 'every',
  check(row, { notes }, complain) {
    const note = notes.get<EnrolmentNote>(['enrolments', row.id]);
    if (!note) return;
    if (Buffer.from(row.secret_digest).toString('hex') !== note.secret)
      complain('digest', 'it has the digest of another secret than the log');
    if (row.host !== note.host) complain('content', `by the log it is for ${note.host}`);
    if (row.labels !== note.labels) complain('content', `by the log its labels are ${note.labels}`);
    if (row.replaces !== (note.replace ? 1 : 0)) complain('content', 'replaces is not what the log says');
    if (row.made_by !== note.madeBy) complain('content', `by the log it is ${note.madeBy}'s`);
    const times = [row.made_at_ms, row.expires_at_ms, row.used_at_ms, row.revoked_at_ms];
    if (times.join() !== [note.madeMs, note.expiresAtMs, note.usedMs, note.revokedMs].join())
      complain('state', 'it was made, used or revoked at another time, by the log, or ends at another');
  },
};
