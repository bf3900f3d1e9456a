import { signedBundleCodec } from '../../shared/messages/index.ts';
import { TRUST_SUBJECT } from '../../shared/subjects/index.ts';
import type { Bus } from '../bus/index.ts';
import type { Logger } from '../log/index.ts';
import type { TrustRegistry } from './trust-registry.ts';

/** The stores and services that {@link trustAnnouncer} uses. */
export interface AnnounceDeps {
  readonly registry: Pick<TrustRegistry, 'newest'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly log: Logger;
}

/**
 * A periodic task that publishes the newest bundle to all hosts, once, when the broker takes it. Hosts that
 * miss it ask for it when they connect, and when an order names it.
 */
export function trustAnnouncer(): (deps: AnnounceDeps) => Promise<void> {
  let announced = 0;
  return async function announceTrust({ registry, bus, log }) {
    const newest = registry.newest();
    if (!newest || newest.bundle.version === announced) return;
    await bus.publish(TRUST_SUBJECT, signedBundleCodec.encode(newest.signed));
    announced = newest.bundle.version;
    log.info({ trustVersion: announced }, 'trust bundle announced to the hosts');
  };
}
