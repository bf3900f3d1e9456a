import { callRequestCodec, type RequestSummary, type RequestView } from '../../shared/messages/index.ts';
import { thresholdFor } from '../../shared/trust/index.ts';
import type { ApprovalStore, RequestRecord, RequestStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** Host names that a view gives for each kernel. */
const EXAMPLES = 8;

/** What {@link viewRequest} reads from. */
export interface ViewDeps {
  readonly requests: Pick<RequestStore, 'outcomes' | 'kernels'>;
  readonly approvals: Pick<ApprovalStore, 'of'>;
  readonly trust: TrustSource;
}

/** A request as operators see it: the exact bytes, and how it stands. */
export async function viewRequest(deps: ViewDeps, record: RequestRecord): Promise<RequestView> {
  const approvals = await deps.approvals.of(record.id);
  return {
    request: record.bytes,
    state: record.state,
    approvers: approvals.map(({ approver }) => approver),
    threshold: thresholdFor(callRequestCodec.decode(record.bytes), deps.trust.current()),
    kernels: [...(await deps.requests.kernels(record.id, EXAMPLES))],
    outcomes: [...(await deps.requests.outcomes(record.id))],
    expectedHosts: record.expectedHosts,
  };
}

/** One line about a request. */
export async function summarizeRequest(
  deps: Pick<ViewDeps, 'requests'>,
  record: RequestRecord,
): Promise<RequestSummary> {
  const { id, requester, selector, effect, reason, createdAtMs, expiresAtMs } = callRequestCodec.decode(
    record.bytes,
  );
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
