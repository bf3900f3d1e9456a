import { type ApproveDeps, approveWhenEnough } from './approval/index.ts';
import { type OrderDeps, orderApproved, type PublishDeps, publishOrders } from './dispatch/index.ts';
import type { Logger } from './log/index.ts';
import type { OrderStore, RequestStore } from './store/index.ts';

/** What {@link requestAdvancer} needs. */
export interface AdvanceDeps extends ApproveDeps, OrderDeps, PublishDeps {
  readonly requests: Pick<RequestStore, 'find' | 'inState' | 'markApproved'>;
  readonly orders: OrderStore;
  readonly log: Logger;
}

/** Moves requests on; whatever is left undone is done by a later call. */
export interface RequestAdvancer {
  /** Moves one request as far as it can go by now. */
  advance(requestId: string): Promise<void>;
  /** The same for all: after a start, and when the broker is back. */
  advanceAll(): Promise<void>;
}

/**
 * The way of a request through the controller, from stored approvals to an order on the wire. Every step is a change in
 * the store that is made at most once, so a controller that died anywhere in here goes on from where it was.
 */
export function requestAdvancer(deps: AdvanceDeps): RequestAdvancer {
  const { log } = deps;
  const oneByOne = createQueue();

  const advance = async (requestId: string): Promise<void> => {
    const record = await deps.requests.find(requestId);
    if (!record || record.expiresAtMs <= deps.clock.nowMs()) return;
    if (record.state === 'pending' && (await approveWhenEnough(deps, record)))
      log.info({ request: requestId }, 'request approved');
    const approved = await deps.requests.find(requestId);
    if (approved?.state === 'approved' && (await orderApproved(deps, approved)))
      log.info({ request: requestId, hosts: approved.expectedHosts }, 'request dispatched');
  };
  const publish = async (): Promise<void> => {
    try {
      await publishOrders(deps);
    } catch (err) {
      log.warn({ err }, 'orders wait for the broker');
    }
  };
  return {
    advance: requestId =>
      oneByOne(async () => {
        await advance(requestId);
        await publish();
      }),
    advanceAll: () =>
      oneByOne(async () => {
        for (const { id } of await deps.requests.inState('pending', 'approved')) await advance(id);
        await publish();
      }),
  };
}

/** Runs what it is given one after the other. */
function createQueue(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return work => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}
