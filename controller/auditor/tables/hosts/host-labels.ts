import { reasonOf } from '../../../../shared/errors/index.ts';
import { labelsText, verifyHostLabels } from '../../../../shared/host-labels/index.ts';
import { auditDigest, type Schema } from '../../../store/index.ts';
import {
  type ReplayedHostLabels,
  type ReportFinding,
  type TableCheck,
  trustedAt,
  type VerifiedLabellers,
  type VerifyContext,
} from '../../replay/index.ts';

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
    if (await checkToken(row, counted, context, report)) countLabeller(row, context);
  },
};

/** Whether the token was valid at that time, by that trust bundle, for a host with those labels. */
async function checkToken(
  { token, host, kid, number, labels, signer, reason }: Row,
  { trust, atMs, before }: Pick<ReplayedHostLabels, 'trust' | 'atMs' | 'before'>,
  context: VerifyContext,
  report: ReportFinding,
): Promise<boolean> {
  const trusted = trustedAt(trust, context, report);
  if (!trusted) return false;
  try {
    const { bundle } = trusted;
    const of = { host, kid, labels: JSON.parse(before), bundle, nowMs: atMs };
    const verified = await verifyHostLabels(token, of);
    if (verified.by !== signer) report('content', `it is signed by ${verified.by}`);
    if (verified.reason !== reason) report('content', 'its token gives another reason');
    const isSame = verified.number === number && labelsText(verified.labels) === labels;
    if (!isSame) report('content', 'its token is for other labels');
    return verified.by === signer && isSame;
  } catch (error) {
    report('signature', reasonOf(error));
    return false;
  }
}

function countLabeller({ enrolment_id, number, signer }: Row, { replay }: VerifyContext): void {
  const key = ['labellers', enrolment_id, String(number)] as const;
  const { names } = replay.get<VerifiedLabellers>(key) ?? { names: [] };
  replay.put(key, { names: [...new Set([...names, signer])].sort() } satisfies VerifiedLabellers);
}
