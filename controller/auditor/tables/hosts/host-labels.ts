import { labelsText, verifyHostLabels } from '../../../../shared/host-labels/index.ts';
import { auditDigest, type Schema } from '../../../store/index.ts';
import type { ReplayedHostLabels, ReportFinding, TableCheck, VerifyContext } from '../../replay/index.ts';
import { countSigner, verifiedSignature } from './person-signature.ts';

type Row = Schema['host_labels'];

/**
 * A signature for other labels of a host: its token is one that the log records, by somebody who was an
 * approver for that host when it came, and again when the host got the labels by it.
 */
export const hostLabelsCheck: TableCheck<Row> = {
  keyOf: ({ enrolment_id, signer, token }) => [enrolment_id, signer, auditDigest(token)],
  recorded: 'every',
  async check(row, context, report) {
    const { enrolment_id, signer, token, host, kid, number, labels } = row;
    const key = ['host_labels', enrolment_id, signer, auditDigest(token)] as const;
    const recorded = context.replay.get<ReplayedHostLabels>(key);
    if (!recorded) return;
    if (host !== recorded.host || kid !== recorded.kid || number !== recorded.number)
      report('content', `the audit log says that it is change ${recorded.number} of ${recorded.host}`);
    if (labels !== recorded.labels)
      report('content', `the audit log says that it is for the labels ${recorded.labels}`);
    if (row.signed_at_ms !== recorded.atMs || row.counted_at_ms !== (recorded.counted?.atMs ?? null))
      report('content', 'the audit log says that it came, or counted, at another time');
    await checkToken(row, recorded, context, report);
    if (!recorded.counted) return;
    const counted = { ...recorded.counted, before: recorded.before };
    if (await checkToken(row, counted, context, report))
      countSigner(['labellers', enrolment_id, String(number)], signer, context);
  },
};

/** Whether the token was valid at that time, by that trust bundle, for a host with those labels. */
async function checkToken(
  { token, host, kid, number, labels, signer, reason }: Row,
  { trust, atMs, before }: Pick<ReplayedHostLabels, 'trust' | 'atMs' | 'before'>,
  context: VerifyContext,
  report: ReportFinding,
): Promise<boolean> {
  const of = { host, kid, labels: JSON.parse(before), nowMs: atMs };
  const verified = await verifiedSignature({ signer, reason }, { trust, context, report }, bundle =>
    verifyHostLabels(token, { ...of, bundle }),
  );
  if (!verified) return false;
  const isSame = verified.number === number && labelsText(verified.labels) === labels;
  if (!isSame) report('content', 'its token is for other labels');
  return isSame;
}
