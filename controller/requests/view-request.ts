import type { RequestSummary, RequestView } from '../../shared/messages/index.ts';
import { rolloutOf } from '../../shared/rollout/index.ts';
import { thresholdFor } from '../../shared/trust/index.ts';
import { viewRollout } from '../rollout/index.ts';
import type { AbortStore, ApprovalStore, RequestRecord, RequestStore, RolloutStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** How many host names a view lists for each kernel. */
const EXAMPLES = 8;

/** The stores that {@link viewRequest} reads. */
export interface ViewDeps {
  readonly requests: Pick<RequestStore, 'outcomes' | 'kernels'>;
  readonly approvals: Pick<ApprovalStore, 'of'>;
  readonly aborts: Pick<AbortStore, 'find'>;
  readonly rollouts: Pick<RolloutStore, 'find'>;
  readonly trust: TrustSource;
}

/** A request as operators see it: its exact bytes and its status. */
export async function viewRequest(deps: ViewDeps, record: RequestRecord): Promise<RequestView> {
  const decisions = await deps.approvals.of(record.id);
  const abort = await deps.aborts.find(record.id);
  const { request } = record;
  return {
    request: record.bytes,
    state: record.state,
    approvers: decisions
      .filter(({ decision, withdrawal }) => decision === 'approve' && withdrawal === undefined)
      .map(({ approver }) => approver),
    threshold: thresholdFor(request, deps.trust.current()),
    kernels: [...(await deps.requests.kernels(record.id, EXAMPLES))],
    outcomes: [...(await deps.requests.outcomes(record.id))],
    expectedHosts: record.expectedHosts,
    decisions: decisions.map(({ submittedAtMs: atMs, withdrawal, ...decision }) => ({
      ...{ ...decision, atMs, withdrawn: withdrawal !== undefined },
    })),
    rollout: viewRollout(await deps.rollouts.find(record.id), rolloutOf(request)),
    ...(abort && { abort: { by: abort.by, reason: abort.reason, atMs: abort.atMs } }),
  };
}

/** One line about a request. */
export async function summarizeRequest(
  deps: Pick<ViewDeps, 'requests'>,
  record: RequestRecord,
): Promise<RequestSummary> {
  const { id, requester, selector, effect, reason, createdAtMs, expiresAtMs } = record.request;
  return {
    id,
    state: record.state,
    requester,
    selector,
    effect,
    reason,
    createdAtMs,
    expiresAtMs,
    expectedHosts: record.expectedHosts,
    outcomes: [...(await deps.requests.outcomes(record.id))],
  };
}
