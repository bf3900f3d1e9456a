import { FarcallError } from '../errors/index.ts';
import type { CallRequest } from '../messages/index.ts';
import {
  digestText,
  type Keyring,
  requireSite,
  sha256,
  type TokenClaims,
  tokenDigest,
  verifyToken,
} from '../tokens/index.ts';
import type { TrustBundle } from './bundle.ts';
import { keyringOf } from './keyring.ts';
import { refusedRequest } from './refused-request.ts';
import { outsideScope, type ScopedAct } from './scopes.ts';
import { type Quorum, quorum } from './seats.ts';
import { withdrawnTokens } from './withdrawn-tokens.ts';

/** Why one approval or signature did not count. `signer` is undefined if it did not verify. */
export interface DiscountedToken {
  readonly signer: string | undefined;
  readonly reason: string;
}

/** The approvals and rejections of a request. */
export interface ApprovalCount extends Quorum {
  /** Names of the people whose approval counts, sorted. */
  readonly approvers: readonly string[];
  /** Names of the approvers whose rejection is active, sorted. As long as there is one, nothing may run. */
  readonly rejecters: readonly string[];
  readonly discounted: readonly DiscountedToken[];
  /**
   * Why the requester may not ask for this, by the scopes of the bundle or for want of a ticket; undefined if
   * they may.
   */
  readonly requesterOutside: string | undefined;
}

/** A request, the tokens about it, and the trust bundle, by reference. */
export interface ApprovalsToCount {
  readonly requestBytes: Uint8Array;
  readonly request: CallRequest;
  /** Approvals and rejections. */
  readonly approvals: readonly string[];
  readonly withdrawals: readonly string[];
  readonly bundle: TrustBundle;
  readonly nowMs: number;
  /** What scopes are compared with besides the request; see {@link ScopedAct}. */
  readonly about?: Omit<ScopedAct, 'request'>;
  /** The fewest approvals, where that is more than the bundle asks for. */
  readonly least?: number;
}

/**
 * Counts the people who approved exactly these bytes. The controller uses it to know when it may order. Each
 * host counts again with its own pinned keys, and only that count decides.
 *
 * Throws SITE_OTHER for a request of another site, and TRUST_INVALID like {@link thresholdFor}.
 *
 * Threats answered: an approval of other bytes (digest in the claims); one person approving twice, with one
 * key or with two (counted by person); the requester approving (not counted, even if they are an approver);
 * an approval for another site; an approval that was withdrawn; an approval of what is outside the scope of
 * its approver, and a request outside the scope of its requester (`outsideScope`; a rejection counts whatever
 * its scope, because it only ever stops); too few people of a team (`quorum`); a rejection (named in
 * `rejecters`; every caller then refuses), which stays in force after its own end, until its signer withdraws
 * it or the request ends: a short rejection must not become an approval by waiting. A token that does not
 * verify counts for nothing and invalidates nothing: only an approver can block a request.
 *
 * Not answered: tokens that were left out. A hostile controller that has enough approvals can hide that
 * another approver rejected, or that an approval was withdrawn before it ordered; hosts see only what they
 * are sent. It still needs as many valid approvals of these bytes as the policy requires. Anyone who must be
 * sure that a call does not happen aborts it, which hosts remember themselves.
 */
export async function countApprovals(input: ApprovalsToCount): Promise<ApprovalCount> {
  const { request, requestBytes, approvals, withdrawals, bundle, nowMs, least = 0 } = input;
  requireSite(`request ${request.id}`, request.site, bundle.site);
  const keyring = keyringOf(bundle.approvers);
  const { site } = bundle;
  const req = digestText(sha256(requestBytes));
  const withdrawn = await withdrawnTokens(withdrawals, { req, site, keyring, nowMs });
  const { requester } = request;
  const act = { ...input.about, request };
  const context = { req, site, keyring, nowMs, withdrawn, requester, bundle, act };
  const approvers = new Set<string>();
  const rejecters = new Set<string>();
  const discounted: DiscountedToken[] = [];
  for (const verdict of await Promise.all(approvals.map(token => evaluateApproval(token, context)))) {
    if ('reason' in verdict) discounted.push(verdict);
    else if (verdict.decision === 'reject') rejecters.add(verdict.signer);
    else if (approvers.has(verdict.signer))
      discounted.push({ signer: verdict.signer, reason: 'approved already' });
    else approvers.add(verdict.signer);
  }
  const threshold = Math.max(least, thresholdFor(request, bundle));
  return {
    ...quorum([...approvers], { request, bundle, threshold }),
    approvers: [...approvers].sort(),
    rejecters: [...rejecters].sort(),
    discounted,
    requesterOutside: refusedRequest(bundle, act),
  };
}

/**
 * How many approvals `request` needs under `bundle`. Throws TRUST_INVALID if the bundle has no such policy.
 */
export function thresholdFor(request: Pick<CallRequest, 'policy' | 'effect'>, bundle: TrustBundle): number {
  const thresholds = bundle.thresholds[request.policy];
  if (!thresholds)
    throw new FarcallError(
      'TRUST_INVALID',
      `the trust bundle has no thresholds for the policy ${request.policy}`,
    );
  const { effect } = request;
  if (effect === 'watch') return thresholds.watch ?? thresholds.call;
  if (effect === 'deny') return thresholds.deny ?? thresholds.write;
  return thresholds[effect];
}

interface ApprovalContext {
  readonly req: string;
  readonly site: string;
  readonly keyring: Keyring;
  readonly nowMs: number;
  readonly withdrawn: ReadonlySet<string>;
  readonly requester: string;
  readonly bundle: TrustBundle;
  readonly act: ScopedAct;
}

interface Decided {
  readonly signer: string;
  readonly decision: 'approve' | 'reject';
}

async function evaluateApproval(token: string, context: ApprovalContext): Promise<Decided | DiscountedToken> {
  const { req, site, keyring, nowMs, withdrawn, requester, bundle, act } = context;
  try {
    const isLasting = (claims: TokenClaims<'approval'>): boolean => claims.decision === 'reject';
    const { claims, signer } = await verifyToken('approval', token, { site, keyring, nowMs, isLasting });
    const { decision } = claims;
    if (claims.req !== req) return { signer, reason: 'is for another request' };
    if (withdrawn.has(`${signer} ${tokenDigest(token)}`)) return { signer, reason: 'was withdrawn' };
    if (decision === 'approve' && signer === requester) return { signer, reason: 'is by the requester' };
    const outside =
      decision === 'approve' ? outsideScope(bundle, { person: signer, may: 'approve' }, act) : undefined;
    if (outside !== undefined) return { signer, reason: outside };
    return { signer, decision };
  } catch (error) {
    if (error instanceof FarcallError) return { signer: undefined, reason: error.message };
    throw error;
  }
}
