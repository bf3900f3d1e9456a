import { reasonOf } from '../../../../shared/errors/index.ts';
import { verifyHostRemoval } from '../../../../shared/trust/index.ts';
import { auditDigest, type Schema } from '../../../store/index.ts';
import {
  type ReplayedHostRemoval,
  type ReportFinding,
  type TableCheck,
  trustedAt,
  type VerifiedRemovers,
  type VerifyContext,
} from '../../replay/index.ts';

type Row = Schema['host_removals'];

/**
 * A signature for the removal of a host: its token is one that the log records, by somebody who was an
 * approver when it came, and again when the host was removed by it.
 */
export const hostRemovalsCheck: TableCheck<Row> = {
  keyOf: ({ enrolment_id, signer, token }) => [enrolment_id, signer, auditDigest(token)],
  recorded: 'every',
  async check(row, context, report) {
    const { enrolment_id, signer, token } = row;
    const key = ['host_removals', enrolment_id, signer, auditDigest(token)] as const;
    const recorded = context.replay.get<ReplayedHostRemoval>(key);
    if (!recorded) return;
    if (row.host !== recorded.host || row.kid !== recorded.kid)
      report('content', `the audit log says that it is about ${recorded.host} with the key ${recorded.kid}`);
    if (row.signed_at_ms !== recorded.atMs)
      report('content', 'the audit log says that it came at another time');
    await checkToken(row, recorded, context, report);
    if (recorded.removed && (await checkToken(row, recorded.removed, context, report)))
      countRemover(row, context);
  },
};

/** Whether the token was valid at that time, by that trust bundle, for a host with those labels. */
async function checkToken(
  { token, host, kid, signer, reason }: Row,
  { trust, atMs, labels }: Pick<ReplayedHostRemoval, 'trust' | 'atMs' | 'labels'>,
  context: VerifyContext,
  report: ReportFinding,
): Promise<boolean> {
  const trusted = trustedAt(trust, context, report);
  if (!trusted) return false;
  try {
    const { bundle } = trusted;
    const as = { host, kid, labels: JSON.parse(labels) };
    const verified = await verifyHostRemoval({ token, ...as, bundle, nowMs: atMs });
    if (verified.by !== signer) report('content', `it is signed by ${verified.by}`);
    if (verified.reason !== reason) report('content', 'its token gives another reason');
    return verified.by === signer;
  } catch (error) {
    report('signature', reasonOf(error));
    return false;
  }
}

function countRemover({ enrolment_id, signer }: Row, { replay }: VerifyContext): void {
  const { names } = replay.get<VerifiedRemovers>(['removers', enrolment_id]) ?? { names: [] };
  replay.put(['removers', enrolment_id], {
    names: [...new Set([...names, signer])].sort(),
  } satisfies VerifiedRemovers);
}
