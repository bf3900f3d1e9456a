import type { Schema } from '../../../store/index.ts';
import type { ReplayedEnrolment, TableCheck } from '../../replay/index.ts';

type Row = Schema['enrolments'];

/**
 * An enrolment: each of its columns is what the log says. No secret is stored, so there is nothing else to
 * check.
 */
export const enrolmentsCheck: TableCheck<Row> = {
  keyOf: ({ id }) => [id],
  recorded: 'every',
  check(row, { replay }, report) {
    const recorded = replay.get<ReplayedEnrolment>(['enrolments', row.id]);
    if (!recorded) return;
    if (Buffer.from(row.secret_digest).toString('hex') !== recorded.secret)
      report('digest', 'it has the digest of another secret than the log');
    if (row.host !== recorded.host) report('content', `the audit log says that it is for ${recorded.host}`);
    if (row.labels !== recorded.labels)
      report('content', `the audit log says that its labels are ${recorded.labels}`);
    if (row.replaces !== (recorded.replace ? 1 : 0)) report('content', 'replaces is not what the log says');
    if (row.made_by !== recorded.madeBy)
      report('content', `the audit log says that it is ${recorded.madeBy}'s`);
    const times = [row.made_at_ms, row.expires_at_ms, row.used_at_ms, row.revoked_at_ms];
    if (times.join() !== [recorded.madeMs, recorded.expiresAtMs, recorded.usedMs, recorded.revokedMs].join())
      report(
        'state',
        'the audit log says that it was made, used or revoked at another time, or ends at another',
      );
  },
};
