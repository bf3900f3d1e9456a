import { ORDERS_SUBJECT } from '../../shared/subjects/index.ts';
import type { Bus } from '../bus/index.ts';
import type { Logger } from '../log/index.ts';
import type { OrderStore } from '../store/index.ts';

/** The stores and services that {@link publishOrders} uses. */
export interface PublishDeps {
  readonly orders: Pick<OrderStore, 'unpublished' | 'markPublished'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly log: Logger;
}

/**
 * Publishes every order that the broker has not taken yet, once. An order that it took is never published
 * again: hosts that were away ask for what they missed. Throws UNREACHABLE if the broker is away; the orders
 * then wait for the next connection. If only the broker's confirmation was lost, an order is sent twice, and
 * no host runs it twice.
 */
export async function publishOrders({ orders, bus, log }: PublishDeps): Promise<void> {
  for (const { id, requestId, envelope } of await orders.unpublished()) {
    await bus.publish(ORDERS_SUBJECT, envelope);
    await orders.markPublished(id);
    log.info({ request: requestId, order: id, sizeBytes: envelope.length }, 'order published');
  }
}
