import { FarcallError } from '../../shared/errors/index.ts';
import { digestText, splitCanonicalToken, tokenDigest, verifyToken } from '../../shared/tokens/index.ts';
import { keyringOf } from '../../shared/trust/index.ts';
import type { ApprovalRecord } from '../store/index.ts';
import { openRequest, type Submission, type SubmitApprovalDeps } from './submit-approval.ts';

/**
 * Withdraws a decision, by a token of the same person that names it. Throws the token's own code if it does
 * not verify; TOKEN_CLAIMS if it is for another request, or expires before the decision; NOT_FOUND if that
 * person has no such decision; and CONFLICT once the request is ordered.
 *
 * Threat: a withdrawal expires early. A host that sees both tokens later would count the approval again, so
 * the withdrawal must live as long as the decision. Only the signer's own decisions are searched, so nobody
 * can withdraw another person's rejection.
 */
export async function withdrawApproval(deps: SubmitApprovalDeps, submission: Submission): Promise<void> {
  const { requestId, token, submittedBy } = submission;
  const record = await openRequest(deps, requestId);
  const bundle = deps.trust.current();
  const { site } = bundle;
  const keyring = keyringOf(bundle.approvers);
  const nowMs = deps.clock.nowMs();
  const { claims, signer } = await verifyToken('withdrawal', token, { site, keyring, nowMs });
  if (claims.req !== digestText(record.digest))
    throw new FarcallError('TOKEN_CLAIMS', `the withdrawal by ${signer} is for another request`);
  const decisions = await deps.approvals.of(record.id);
  const target = decisions.find(each => each.approver === signer && tokenDigest(each.token) === claims.token);
  if (target) refuseShorter(target, claims.exp);
  await deps.approvals.withdraw({
    ...{ requestId: record.id, approver: signer, tokenDigest: claims.token, token, submittedBy },
    trustVersion: bundle.version,
  });
}

function refuseShorter({ approver, token }: ApprovalRecord, exp: number): void {
  if (Number(splitCanonicalToken(token).payload['exp']) <= exp) return;
  throw new FarcallError(
    'TOKEN_CLAIMS',
    `the withdrawal by ${approver} expires before the decision that it withdraws, which would then count again`,
  );
}
