import { type ApproveDeps, approveWhenEnough } from '../approval/index.ts';
import type { Logger } from '../log/index.ts';
import type { RequestStore } from '../store/index.ts';

/** The stores and services that {@link advanceRequest} uses. */
export interface AdvanceDeps extends ApproveDeps {
  readonly requests: Pick<RequestStore, 'find' | 'inState' | 'markApproved' | 'expectedLabels'>;
  readonly approvals: ApproveDeps['approvals'];
  /** Drives a rollout as far as it can go now. */
  readonly drive: (requestId: string) => Promise<void>;
  readonly log: Logger;
}

/**
 * Moves a request as far as it can go by now: from pending to approved where the approvals reach the
 * threshold, and from there through its waves, whose orders are in the store then and wait to be published.
 *
 * Each step is one change in the store that is made at most once, no matter who tries. So this may be called
 * again at any time, and a controller that died between two steps goes on from where it was.
 */
export async function advanceRequest(deps: AdvanceDeps, requestId: string): Promise<void> {
  const { requests, clock, log } = deps;
  const found = await requests.find(requestId);
  if (!found || found.expiresAtMs <= clock.nowMs()) return;
  if (found.state === 'pending' && (await approveWhenEnough(deps, found)))
    log.info({ request: requestId }, 'request approved');
  const state = (await requests.find(requestId))?.state;
  if (state === 'approved' || state === 'dispatched') await deps.drive(requestId);
  if (state === 'approved' && (await requests.find(requestId))?.state === 'dispatched')
    log.info({ request: requestId, hosts: found.expectedHosts }, 'request dispatched');
}

/** {@link advanceRequest} for every request that is not ordered yet. */
export async function advanceAll(deps: AdvanceDeps): Promise<void> {
  for (const { id } of await deps.requests.inState('pending', 'approved')) await advanceRequest(deps, id);
}
