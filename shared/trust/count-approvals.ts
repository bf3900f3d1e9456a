import { FarcallError } from '../errors/index.ts';
import type { CallRequest } from '../messages/index.ts';
import { digestText, type Keyring, sha256, verifyToken } from '../tokens/index.ts';
import type { TrustBundle } from './bundle.ts';
import { keyringOf } from './keyring.ts';

/** Why one approval did not count. */
export interface DiscountedApproval {
  readonly signer: string | undefined;
  readonly reason: string;
}

/** How the approvals of a request stand. */
export interface ApprovalCount {
  /** Persons whose approval counts, sorted. */
  readonly approvers: readonly string[];
  readonly discounted: readonly DiscountedApproval[];
  /** How many the policy asks for. */
  readonly threshold: number;
}

/** What {@link countApprovals} looks at. */
export interface ApprovalsToCount {
  readonly requestBytes: Uint8Array;
  readonly request: CallRequest;
  readonly approvals: readonly string[];
  readonly bundle: TrustBundle;
  readonly nowMs: number;
}

/**
 * Counts the persons who approved exactly these bytes. The controller uses it to know when it may order; each host uses
 * it again, on its own pinned keys, and only that one counts.
 *
 * Threats answered: an approval of other bytes (digest in the claims); one person approving twice, with one key or with
 * two (counted by person); the requester approving (not counted, also where he is an approver); a rejection among the
 * approvals (it never counts as an approval). An approval that does not verify is worth nothing and spoils nothing.
 */
export async function countApprovals(input: ApprovalsToCount): Promise<ApprovalCount> {
  const { request, requestBytes, approvals, bundle, nowMs } = input;
  const keyring = keyringOf(bundle.approvers);
  const approvers = new Set<string>();
  const discounted: DiscountedApproval[] = [];
  const req = digestText(sha256(requestBytes));
  for (const token of approvals) {
    const verdict = await judgeApproval(token, { req, keyring, nowMs, requester: request.requester });
    if ('reason' in verdict) discounted.push(verdict);
    else if (approvers.has(verdict.signer))
      discounted.push({ signer: verdict.signer, reason: 'approved already' });
    else approvers.add(verdict.signer);
  }
  return { approvers: [...approvers].sort(), discounted, threshold: thresholdFor(request, bundle) };
}

/** How many approvals `request` needs under `bundle`. Throws TRUST_INVALID where the bundle does not know its policy. */
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
  readonly requester: string;
}

async function judgeApproval(
  token: string,
  judgement: Judgement,
): Promise<{ signer: string } | DiscountedApproval> {
  const { req, keyring, nowMs, requester } = judgement;
  try {
    const { claims, signer } = await verifyToken('approval', token, { keyring, nowMs });
    if (claims.req !== req) return { signer, reason: 'is for another request' };
    if (claims.decision !== 'approve') return { signer, reason: 'is a rejection' };
    if (signer === requester) return { signer, reason: 'is by the requester' };
    return { signer };
  } catch (error) {
    if (error instanceof FarcallError) return { signer: undefined, reason: error.message };
    throw error;
  }
}
