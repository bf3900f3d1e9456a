import { verifyHostRemoval } from '../../../../shared/trust/index.ts';
import { auditDigest, type Schema } from '../../../store/index.ts';
import type { ReplayedHostRemoval, ReportFinding, TableCheck, VerifyContext } from '../../replay/index.ts';
import { countSigner, verifiedSignature } from './person-signature.ts';

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
      countSigner(['removers', enrolment_id], signer, context);
  },
};

/** Whether the token was valid at that time, by that trust bundle, for a host with those labels. */
async function checkToken(
  { token, host, kid, signer, reason }: Row,
  { trust, atMs, labels }: Pick<ReplayedHostRemoval, 'trust' | 'atMs' | 'labels'>,
  context: VerifyContext,
  report: ReportFinding,
): Promise<boolean> {
  const of = { token, host, kid, labels: JSON.parse(labels), nowMs: atMs };
  const verified = await verifiedSignature({ signer, reason }, { trust, context, report }, bundle =>
    verifyHostRemoval({ ...of, bundle }),
  );
  return verified !== undefined;
}
