import { ABORTS_SUBJECT } from '../../shared/subjects/index.ts';
import type { Bus } from '../bus/index.ts';
import type { Logger } from '../log/index.ts';
import type { AbortStore } from '../store/index.ts';

/** The stores and services that {@link publishAborts} uses. */
export interface PublishAbortsDeps {
  readonly aborts: Pick<AbortStore, 'unpublished' | 'markPublished'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly log: Logger;
}

/**
 * Publishes every abort that the broker has not taken yet, once. Hosts that were away receive it when they
 * ask for what they missed. Throws UNREACHABLE if the broker is away; the aborts then wait for the next
 * connection.
 */
export async function publishAborts({ aborts, bus, log }: PublishAbortsDeps): Promise<void> {
  for (const { requestId, envelope, by } of await aborts.unpublished()) {
    await bus.publish(ABORTS_SUBJECT, envelope);
    await aborts.markPublished(requestId);
    log.warn({ request: requestId, by }, 'abort published');
  }
}
