import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import {
  countApprovals,
  emergencyRules,
  type TrustBundle,
  verifyRequester,
} from '../../shared/trust/index.ts';
import { type ScopeDeps, scopedParts } from '../scopes/index.ts';
import {
  type ApprovalRecord,
  type ApprovalStore,
  decisionsRevision,
  type RequestRecord,
  type RequestStore,
} from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** The stores and services that {@link approveWhenEnough} uses. */
export interface ApproveDeps extends ScopeDeps {
  readonly requests: Pick<RequestStore, 'markApproved' | 'expectedLabels'>;
  readonly approvals: Pick<ApprovalStore, 'of'>;
  readonly trust: TrustSource;
  readonly clock: Clock;
}

/**
 * Counts all stored decisions on a request again, with the trust bundle and the time of this moment, and
 * moves it from pending to approved if its requester signed it, the approvals reach the threshold, its
 * requester may ask for it and there is no active rejection. What locked people asked for or approved does
 * not count. Returns whether it did.
 */
export async function approveWhenEnough(deps: ApproveDeps, record: RequestRecord): Promise<boolean> {
  const bundle = deps.trust.current();
  const nowMs = deps.clock.nowMs();
  if (!(await isRequested(record, bundle, nowMs))) return false;
  const decisions = await deps.approvals.of(record.id);
  if (await isRejected(deps, record, decisions)) return false;
  const { approvers, rejecters, requesterOutside, enough } = await countApprovals({
    requestBytes: record.bytes,
    request: record.request,
    approvals: decisions.map(({ token }) => token),
    withdrawals: decisions.flatMap(({ withdrawal }) => withdrawal ?? []),
    bundle,
    nowMs,
    about: await scopedParts(deps, record, bundle),
  });
  if (rejecters.length > 0 || requesterOutside !== undefined || !enough) return false;
  const revision = decisionsRevision(decisions);
  const emergency = emergencyOf(record, bundle, nowMs);
  const reached = { approvers, trustVersion: bundle.version, revision, emergency };
  return deps.requests.markApproved(record.id, reached);
}

/** Whether its requester signed it and may request now; hosts would refuse it otherwise. */
async function isRequested(record: RequestRecord, bundle: TrustBundle, nowMs: number): Promise<boolean> {
  const { bytes: requestBytes, request, token } = record;
  try {
    await verifyRequester({ token, requestBytes, request, bundle, nowMs });
    return true;
  } catch (error) {
    if (error instanceof FarcallError) return false;
    throw error;
  }
}

/** What a request of the policy `emergency` takes after it; undefined for others. */
function emergencyOf({ request }: RequestRecord, bundle: TrustBundle, nowMs: number) {
  if (request.policy !== 'emergency') return undefined;
  const { reviewWithinMs, reviewers } = emergencyRules(bundle);
  return { dueAtMs: nowMs + reviewWithinMs, reviewers };
}

/**
 * Whether somebody whose key is locked has rejected the request. A lock takes away the right to let something
 * run, and not the effect of having stopped it; hosts, which do not know of locks, refuse it anyway.
 */
async function isRejected(
  { trust, clock }: ApproveDeps,
  record: RequestRecord,
  decisions: readonly ApprovalRecord[],
): Promise<boolean> {
  const bundle = trust.signed();
  if (bundle === trust.current()) return false;
  const { rejecters } = await countApprovals({
    ...{ request: record.request, requestBytes: record.bytes, bundle, nowMs: clock.nowMs() },
    approvals: decisions.map(({ token }) => token),
    withdrawals: decisions.flatMap(({ withdrawal }) => withdrawal ?? []),
  });
  return rejecters.length > 0;
}
