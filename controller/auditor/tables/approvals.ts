import { reasonOf } from '../../../shared/errors/index.ts';
import { tokenDigest, verifyToken } from '../../../shared/tokens/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import type {
  Complain,
  DecisionNote,
  RequestNote,
  TableCheck,
  VerifyContext,
  WithdrawalNote,
} from '../replay/index.ts';

type Row = Schema['approvals'];

/**
 * An approval or rejection: the token is one that the log tells of, by a key that was trusted then, about exactly this
 * request; and where it was taken back, the same person signed that. A row whose token was exchanged is one of which the
 * log does not tell, and the one of which it tells is missing.
 */
export const approvalsCheck: TableCheck<Row> = {
  keyOf: ({ request_id, approver, token }) => [request_id, approver, auditDigest(token)],
  told: 'every',
  async check(row, context, complain) {
    const { request_id, approver, token } = row;
    const key = ['approvals', request_id, approver, auditDigest(token)] as const;
    const note = context.notes.get<DecisionNote>(key);
    if (!note) return;
    if (row.submitted_at_ms !== note.atMs) complain('content', 'it came at another time, by the log');
    if (row.decision !== note.decision) complain('content', `by the log the decision is ${note.decision}`);
    await checkDecision(row, note, context, complain);
    await checkWithdrawal(row, note, context, complain);
  },
};

async function checkDecision(
  { request_id, approver, token, reason }: Row,
  { atMs, trust, decision }: DecisionNote,
  context: VerifyContext,
  complain: Complain,
): Promise<void> {
  const trusted = trustedAt(trust, context, complain);
  if (!trusted) return;
  const request = context.notes.get<RequestNote>(['requests', request_id]);
  try {
    const options = { keyring: trusted.approvers, nowMs: atMs };
    const { claims, signer } = await verifyToken('approval', token, options);
    if (signer !== approver) complain('content', `it is signed by ${signer}`);
    if (Buffer.from(claims.req, 'base64url').toString('hex') !== request?.digest)
      complain('content', 'it is for other bytes than those of the request');
    if (claims.decision !== decision) complain('content', `its token says ${claims.decision}`);
    if ((claims.reason ?? '') !== reason) complain('content', 'its token gives another reason');
    if (decision === 'approve' && signer === request?.requester)
      complain('content', 'it is by the requester himself');
  } catch (error) {
    complain('signature', reasonOf(error));
  }
}

async function checkWithdrawal(
  row: Row,
  { withdrawn }: DecisionNote,
  context: VerifyContext,
  complain: Complain,
): Promise<void> {
  if (row.withdrawn_at_ms !== (withdrawn?.atMs ?? null))
    complain('content', 'it was taken back at another time, by the log, or not at all');
  const digest = row.withdrawal === null ? undefined : auditDigest(row.withdrawal);
  if (digest !== withdrawn?.withdrawal)
    complain('digest', 'the token that takes it back is not the one that the log tells of');
  else if (row.withdrawal !== null && withdrawn)
    await checkWithdrawalToken(row, { ...withdrawn, text: row.withdrawal }, context, complain);
}

async function checkWithdrawalToken(
  { request_id, approver, token }: Row,
  { text, atMs, trust }: WithdrawalNote & { readonly text: string },
  context: VerifyContext,
  complain: Complain,
): Promise<void> {
  const trusted = trustedAt(trust, context, complain);
  if (!trusted) return;
  const request = context.notes.get<RequestNote>(['requests', request_id]);
  try {
    const options = { keyring: trusted.approvers, nowMs: atMs };
    const { claims, signer } = await verifyToken('withdrawal', text, options);
    if (signer !== approver) complain('content', `it is taken back by ${signer}`);
    if (claims.token !== tokenDigest(token)) complain('content', 'what takes it back names another token');
    if (Buffer.from(claims.req, 'base64url').toString('hex') !== request?.digest)
      complain('content', 'what takes it back is for another request');
  } catch (error) {
    complain('signature', `what takes it back: ${reasonOf(error)}`);
  }
}

function trustedAt(version: number, { trust }: VerifyContext, complain: Complain) {
  const trusted = trust.trustAt(version);
  if (!trusted)
    complain(
      'trust',
      `it was judged by version ${version} of the trust bundle, to which the roots do not lead`,
    );
  return trusted;
}
