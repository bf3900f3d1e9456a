import { verifyToken } from '../../../../shared/tokens/index.ts';
import { auditDigest, type Schema } from '../../../store/index.ts';
import { type Complain, reasonOf, type TableCheck, type VerifyContext } from '../context.ts';
import type { ApprovalNote, RequestNote } from '../notes.ts';

type Row = Schema['approvals'];

/** An approval: the token is the one that the log tells of, by a key that was trusted then, for exactly this request. */
export const approvalsCheck: TableCheck<Row> = {
  keyOf: ({ request_id, approver }) => [request_id, approver],
  told: 'every',
  async check(row, context, complain) {
    const note = context.notes.get<ApprovalNote>(['approvals', row.request_id, row.approver]);
    if (!note) return;
    if (auditDigest(row.token) !== note.token)
      complain('digest', 'its token is not the one that the log tells of');
    if (row.submitted_at_ms !== note.atMs) complain('content', 'it came at another time, by the log');
    await checkToken(row, note, context, complain);
  },
};

async function checkToken(
  { request_id, approver, token }: Row,
  { atMs, trust }: ApprovalNote,
  context: VerifyContext,
  complain: Complain,
): Promise<void> {
  const trusted = context.trust.trustAt(trust);
  if (!trusted)
    return complain('trust', `it was judged by version ${trust} of the trust bundle, which was not given`);
  const request = context.notes.get<RequestNote>(['requests', request_id]);
  try {
    const { claims, signer } = await verifyToken('approval', token, {
      keyring: trusted.approvers,
      nowMs: atMs,
    });
    if (signer !== approver) complain('content', `it is signed by ${signer}`);
    if (Buffer.from(claims.req, 'base64url').toString('hex') !== request?.digest)
      complain('content', 'it is for other bytes than those of the request');
    if (claims.decision !== 'approve') complain('content', 'it is no approval');
    if (signer === request?.requester) complain('content', 'it is by the requester himself');
  } catch (error) {
    complain('signature', reasonOf(error));
  }
}
