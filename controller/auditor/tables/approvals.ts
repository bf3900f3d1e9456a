import { reasonOf } from '../../../shared/errors/index.ts';
import { tokenDigest, verifyToken } from '../../../shared/tokens/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import {
  isLogged,
  type ReplayedDecision,
  type ReplayedRequest,
  type ReplayedWithdrawal,
  type ReportFinding,
  type TableCheck,
  trustedAt,
  type VerifyContext,
} from '../replay/index.ts';

type Row = Schema['approvals'];

/**
 * An approval or rejection: the token is one that the log records, by a key that was trusted then, about
 * exactly this request; and where it was withdrawn, the same person signed that. A row whose token was
 * exchanged is one that the log does not record, and the one of which it tells is missing.
 */
export const approvalsCheck: TableCheck<Row> = {
  keyOf: ({ request_id, approver, token }) => [request_id, approver, auditDigest(token)],
  recorded: 'every',
  async check(row, context, report) {
    const { request_id, approver, token } = row;
    const key = ['approvals', request_id, approver, auditDigest(token)] as const;
    const recorded = context.replay.get<ReplayedDecision>(key);
    if (!recorded) return;
    if (row.submitted_at_ms !== recorded.atMs)
      report('content', 'the audit log says that it came at another time');
    if (row.decision !== recorded.decision)
      report('content', `the audit log says that the decision is ${recorded.decision}`);
    await checkDecision(row, recorded, context, report);
    await checkWithdrawal(row, recorded, context, report);
  },
};

async function checkDecision(
  { request_id, approver, token, reason }: Row,
  { atMs, trust, decision }: ReplayedDecision,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const trusted = trustedAt(trust, context, report);
  if (!trusted) return;
  const request = context.replay.get<ReplayedRequest>(['requests', request_id]);
  try {
    const options = { site: trusted.bundle.site, keyring: trusted.approvers, nowMs: atMs };
    const { claims, signer } = await verifyToken('approval', token, options);
    if (signer !== approver) report('content', `it is signed by ${signer}`);
    if (Buffer.from(claims.req, 'base64url').toString('hex') !== request?.digest)
      report('content', 'it is for other bytes than those of the request');
    if (claims.decision !== decision) report('content', `its token says ${claims.decision}`);
    if ((claims.reason ?? '') !== reason) report('content', 'its token gives another reason');
    if (decision === 'approve' && signer === request?.requester) report('content', 'the requester made it');
  } catch (error) {
    report('signature', reasonOf(error));
  }
}

async function checkWithdrawal(
  row: Row,
  { withdrawn }: ReplayedDecision,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  if (row.withdrawn_at_ms !== (withdrawn?.atMs ?? null))
    report('content', 'the audit log says that it was withdrawn at another time, or not at all');
  if (!isLogged('its withdrawal', row.withdrawal, withdrawn?.withdrawal, report)) return;
  if (row.withdrawal !== null && withdrawn)
    await checkWithdrawalToken(row, { ...withdrawn, text: row.withdrawal }, context, report);
}

async function checkWithdrawalToken(
  { request_id, approver, token }: Row,
  { text, atMs, trust }: ReplayedWithdrawal & { readonly text: string },
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const trusted = trustedAt(trust, context, report);
  if (!trusted) return;
  const request = context.replay.get<ReplayedRequest>(['requests', request_id]);
  try {
    const options = { site: trusted.bundle.site, keyring: trusted.approvers, nowMs: atMs };
    const { claims, signer } = await verifyToken('withdrawal', text, options);
    if (signer !== approver) report('content', `it is withdrawn by ${signer}`);
    if (claims.token !== tokenDigest(token)) report('content', 'its withdrawal names another token');
    if (Buffer.from(claims.req, 'base64url').toString('hex') !== request?.digest)
      report('content', 'its withdrawal is for another request');
  } catch (error) {
    report('signature', `its withdrawal: ${reasonOf(error)}`);
  }
}
