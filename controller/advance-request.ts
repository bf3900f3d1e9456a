import { type ApproveDeps, approveWhenEnough } from './approval/index.ts';
import { type OrderDeps, orderApproved } from './dispatch/index.ts';
import type { Logger } from './log/index.ts';
import type { RequestStore } from './store/index.ts';

/** What {@link advanceRequest} needs. */
export interface AdvanceDeps extends ApproveDeps, OrderDeps {
  readonly requests: Pick<RequestStore, 'find' | 'inState' | 'markApproved'>;
  readonly approvals: ApproveDeps['approvals'];
  readonly log: Logger;
}

/**
 * Moves a request as far as it can go by now: from pending to approved where the approvals reach the threshold, and
 * from approved to dispatched, which is an order in the store that waits to be published.
 *
 * Each step is one change in the store that is made at most once, whoever tries. So this may be called again at any
 * time, and a controller that died between two steps goes on from where it was.
 */
export async function advanceRequest(deps: AdvanceDeps, requestId: string): Promise<void> {
  const { requests, clock, log } = deps;
  const found = await requests.find(requestId);
  if (!found || found.expiresAtMs <= clock.nowMs()) return;
  if (found.state === 'pending' && (await approveWhenEnough(deps, found)))
    log.info({ request: requestId }, 'request approved');
  const approved = await requests.find(requestId);
  if (approved?.state === 'approved' && (await orderApproved(deps, approved)))
    log.info({ request: requestId, hosts: approved.expectedHosts }, 'request dispatched');
}

/** {@link advanceRequest} for every request that is not ordered yet. */
export async function advanceAll(deps: AdvanceDeps): Promise<void> {
  for (const { id } of await deps.requests.inState('pending', 'approved')) await advanceRequest(deps, id);
}
