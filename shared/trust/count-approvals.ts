import { FarcallError } from '../errors/index.ts';
import type { CallRequest } from '../messages/index.ts';
import { digestText, type Keyring, sha256, tokenDigest, verifyToken } from '../tokens/index.ts';
import type { TrustBundle } from './bundle.ts';
import { keyringOf } from './keyring.ts';
import { withdrawnTokens } from './withdrawn-tokens.ts';

/** Why one approval did not count. */
export interface DiscountedApproval {
  readonly signer: string | undefined;
  readonly reason: string;
}

/** How the approvals of a request stand. */
export interface ApprovalCount {
  /** Persons whose approval counts, sorted. */
  readonly approvers: readonly string[];
  /** Approvers whose rejection stands, sorted; as long as there is one, nothing may run. */
  readonly rejecters: readonly string[];
  readonly discounted: readonly DiscountedApproval[];
  /** How many the policy asks for. */
  readonly threshold: number;
}

/** What {@link countApprovals} looks at. */
export interface ApprovalsToCount {
  readonly requestBytes: Uint8Array;
  readonly request: CallRequest;
  /** Approvals and rejections. */
  readonly approvals: readonly string[];
  readonly withdrawals: readonly string[];
  readonly bundle: TrustBundle;
  readonly nowMs: number;
}

/**
 * Counts the persons who approved exactly these bytes. The controller uses it to know when it may order; each
 * host uses it again, on its own pinned keys, and only that one counts.
 *
 * Threats answered: an approval of other bytes (digest in the claims); one person approving twice, with one
 * key or with two (counted by person); the requester approving (not counted, even if they are an approver);
 * an approval that was taken back; a rejection that was passed over (named in `rejecters`, and anyone who
 * counts refuses then). A token that does not verify is worth nothing and spoils nothing: nobody but an
 * approver can block a request.
 *
 * What this cannot answer: tokens that were left out. A hostile controller that holds enough approvals can
 * hide that another approver rejected, or that one of them was taken back before it ordered; hosts see only
 * what they are sent. It still needs as many true approvals of these bytes as the policy asks for, and anyone
 * who must be sure that a call does not happen aborts it, which hosts remember by themselves.
 */
export async function countApprovals(input: ApprovalsToCount): Promise<ApprovalCount> {
  const { request, requestBytes, approvals, withdrawals, bundle, nowMs } = input;
  const keyring = keyringOf(bundle.approvers);
  const req = digestText(sha256(requestBytes));
  const withdrawn = await withdrawnTokens(withdrawals, { req, keyring, nowMs });
  const judgement = { req, keyring, nowMs, withdrawn, requester: request.requester };
  const approvers = new Set<string>();
  const rejecters = new Set<string>();
  const discounted: DiscountedApproval[] = [];
  for (const verdict of await Promise.all(approvals.map(token => judgeApproval(token, judgement)))) {
    if ('reason' in verdict) discounted.push(verdict);
    else if (verdict.decision === 'reject') rejecters.add(verdict.signer);
    else if (approvers.has(verdict.signer))
      discounted.push({ signer: verdict.signer, reason: 'approved already' });
    else approvers.add(verdict.signer);
  }
  return {
    approvers: [...approvers].sort(),
    rejecters: [...rejecters].sort(),
    discounted,
    threshold: thresholdFor(request, bundle),
  };
}

/**
 * How many approvals `request` needs under `bundle`. Throws TRUST_INVALID where the bundle does not know its
 * policy.
 */
export function thresholdFor(request: Pick<CallRequest, 'policy' | 'effect'>, bundle: TrustBundle): number {
  const thresholds = bundle.thresholds[request.policy];
  if (!thresholds)
    throw new FarcallError(
      'TRUST_INVALID',
      `the trust bundle has no thresholds for the policy ${request.policy}`,
    );
  return thresholds[request.effect];
}

interface Judgement {
  readonly req: string;
  readonly keyring: Keyring;
  readonly nowMs: number;
  readonly withdrawn: ReadonlySet<string>;
  readonly requester: string;
}

interface Decided {
  readonly signer: string;
  readonly decision: 'approve' | 'reject';
}

async function judgeApproval(token: string, judgement: Judgement): Promise<Decided | DiscountedApproval> {
  const { req, keyring, nowMs, withdrawn, requester } = judgement;
  try {
    const { claims, signer } = await verifyToken('approval', token, { keyring, nowMs });
    const { decision } = claims;
    if (claims.req !== req) return { signer, reason: 'is for another request' };
    if (withdrawn.has(`${signer} ${tokenDigest(token)}`)) return { signer, reason: 'was taken back' };
    if (decision === 'approve' && signer === requester) return { signer, reason: 'is by the requester' };
    return { signer, decision };
  } catch (error) {
    if (error instanceof FarcallError) return { signer: undefined, reason: error.message };
    throw error;
  }
}
