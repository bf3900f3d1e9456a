import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { digestText, verifyToken } from '../../shared/tokens/index.ts';
import { keyringOf } from '../../shared/trust/index.ts';
import {
  type ApprovalStore,
  type EmergencyStore,
  type RequestRecord,
  type RequestStore,
  standingApprovers,
} from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** The stores and services that {@link submitReview} uses. */
export interface SubmitReviewDeps {
  readonly requests: Pick<RequestStore, 'get'>;
  readonly approvals: Pick<ApprovalStore, 'of'>;
  readonly emergencies: Pick<EmergencyStore, 'review'>;
  readonly trust: TrustSource;
  readonly clock: Clock;
}

/** A review, as an operator submits it. */
export interface ReviewSubmission {
  readonly requestId: string;
  readonly token: string;
  readonly submittedBy: string;
}

/**
 * Stores a review of an emergency. Throws NOT_FOUND if the request is no approved emergency, the token's own
 * code, APPROVAL_REFUSED if its signer was in the emergency or the token is about another request, CONFLICT
 * if they reviewed it before.
 *
 * Threat: the people who agreed on an emergency also find afterwards that it was one. So the requester and
 * everyone whose approval stands cannot review it.
 */
export async function submitReview(
  deps: SubmitReviewDeps,
  { requestId, token, submittedBy }: ReviewSubmission,
): Promise<void> {
  const record = await deps.requests.get(requestId);
  const bundle = deps.trust.current();
  const options = { site: bundle.site, keyring: keyringOf(bundle.approvers), nowMs: deps.clock.nowMs() };
  const { claims, signer } = await verifyToken('review', token, options);
  const refuse = (why: string): FarcallError =>
    new FarcallError('APPROVAL_REFUSED', `the review by ${signer} does not count: ${why}`);
  if (claims.req !== digestText(record.digest)) throw refuse('it is for another request');
  if ((await peopleIn(deps, record)).includes(signer))
    throw refuse('they were in the emergency; it takes somebody who was not');
  const { verdict, reason } = claims;
  await deps.emergencies.review({
    ...{ requestId, reviewer: signer, verdict, reason, token, submittedBy },
    trustVersion: bundle.version,
  });
}

/** The requester, and everyone whose approval stands. */
async function peopleIn(
  { approvals }: Pick<SubmitReviewDeps, 'approvals'>,
  { id, request }: RequestRecord,
): Promise<readonly string[]> {
  return [request.requester, ...standingApprovers(await approvals.of(id))];
}
