import type { AbortView, EmergencyView, RequestSummary, RequestView } from '../../shared/messages/index.ts';
import { rolloutOf } from '../../shared/rollout/index.ts';
import { quorum, thresholdFor } from '../../shared/trust/index.ts';
import { viewRollout } from '../rollout/index.ts';
import { type LimitedApprover, limitedApprovers, type ScopeDeps, scopedParts } from '../scopes/index.ts';
import {
  type AbortRecord,
  type AbortStore,
  type ApprovalStore,
  DECIDED_IN,
  type EmergencyRecord,
  type EmergencyStore,
  type RequestRecord,
  type RequestStore,
  type RolloutStore,
  standingApprovers,
} from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** How many host names a view lists for each kernel. */
const EXAMPLES = 8;

/** The stores that {@link viewRequest} reads. */
export interface ViewDeps extends ScopeDeps {
  readonly requests: Pick<RequestStore, 'outcomes' | 'kernels' | 'expectedLabels'>;
  readonly approvals: Pick<ApprovalStore, 'of'>;
  readonly aborts: Pick<AbortStore, 'find' | 'spread'>;
  readonly rollouts: Pick<RolloutStore, 'find'>;
  readonly emergencies: Pick<EmergencyStore, 'find'>;
  readonly trust: TrustSource;
}

/** A request as operators see it: its exact bytes and its status. */
export async function viewRequest(deps: ViewDeps, record: RequestRecord): Promise<RequestView> {
  const decisions = await deps.approvals.of(record.id);
  const abort = await deps.aborts.find(record.id);
  const emergency = await deps.emergencies.find(record.id);
  const { request } = record;
  const bundle = deps.trust.current();
  const approvers = standingApprovers(decisions);
  const threshold = thresholdFor(request, bundle);
  const { emptySeats } = quorum(approvers, { request, bundle, threshold });
  return {
    request: record.bytes,
    state: record.state,
    approvers,
    threshold,
    emptySeats: [...emptySeats],
    limited: await limitedOf(deps, record),
    ...(emergency && { emergency: emergencyView(emergency) }),
    kernels: [...(await deps.requests.kernels(record.id, EXAMPLES))],
    outcomes: [...(await deps.requests.outcomes(record.id))],
    expectedHosts: record.expectedHosts,
    decisions: decisions.map(({ submittedAtMs: atMs, withdrawal, ...decision }) => ({
      ...{ ...decision, atMs, withdrawn: withdrawal !== undefined },
    })),
    rollout: viewRollout(await deps.rollouts.find(record.id), {
      spec: rolloutOf(request),
      overAtMs: record.settleAtMs,
    }),
    ...(abort && { abort: await abortView(deps, abort) }),
  };
}

async function abortView(
  { aborts }: Pick<ViewDeps, 'aborts'>,
  { requestId, by, reason, atMs, endedAtMs }: AbortRecord,
): Promise<AbortView> {
  const { obeyed, silent, running } = await aborts.spread(requestId);
  return {
    ...{ by, reason, atMs, obeyed },
    silent: { ...silent, names: [...silent.names] },
    running: { ...running, names: [...running.names] },
    ...(endedAtMs !== undefined && { endedAtMs }),
  };
}

/** Whom the scopes of the bundle keep from approving a request that still takes approvals. */
async function limitedOf(deps: ViewDeps, record: RequestRecord): Promise<LimitedApprover[]> {
  if (!DECIDED_IN.approve.includes(record.state)) return [];
  const bundle = deps.trust.current();
  const parts = await scopedParts(deps, record, bundle);
  return limitedApprovers(bundle, { ...parts, request: record.request });
}

/** How far the review of an emergency is, as operators see it. */
export function emergencyView(record: EmergencyRecord): EmergencyView {
  const { begunAtMs, dueAtMs, reviewers, reviewedAtMs, reviews } = record;
  return {
    ...{ begunAtMs, dueAtMs, reviewers, reviews: [...reviews] },
    ...(reviewedAtMs !== undefined && { reviewedAtMs }),
  };
}

/** The stores that {@link summarizeRequest} reads. */
export interface SummaryDeps {
  readonly requests: Pick<RequestStore, 'outcomes'>;
  readonly rollouts: Pick<RolloutStore, 'find'>;
}

/** One line about a request. */
export async function summarizeRequest(deps: SummaryDeps, record: RequestRecord): Promise<RequestSummary> {
  const { id, requester, selector, effect, indirectCalls, reason, createdAtMs, expiresAtMs } = record.request;
  return {
    id,
    digest: record.digest,
    state: record.state,
    requester,
    selector,
    effect,
    ...(indirectCalls && { indirectCalls }),
    reason,
    createdAtMs,
    expiresAtMs,
    expectedHosts: record.expectedHosts,
    outcomes: [...(await deps.requests.outcomes(record.id))],
    rolloutState: (await deps.rollouts.find(record.id)).state,
  };
}
