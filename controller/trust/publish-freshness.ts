import type { Clock } from '../../shared/clock/index.ts';
import { bundleStatementCodec } from '../../shared/messages/index.ts';
import { FRESHNESS_SUBJECT } from '../../shared/subjects/index.ts';
import type { Bus } from '../bus/index.ts';

/** The stores and services that {@link freshnessPublisher} uses. */
export interface PublishFreshnessDeps {
  /** Signs which bundle is the newest; undefined if no host would believe it. */
  readonly signFreshness: () => Promise<string | undefined>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
}

/** How often hosts are told which trust bundle is the newest. */
const EVERY_MS = 60_000;

/** A periodic task that tells all hosts, each minute, which trust bundle is the newest. */
export function freshnessPublisher(): (deps: PublishFreshnessDeps) => Promise<void> {
  let nextAtMs = 0;
  return async function publishFreshness({ signFreshness, bus, clock }) {
    const nowMs = clock.nowMs();
    // A clock that was set back must not silence this controller.
    if (nowMs < nextAtMs && nextAtMs - nowMs <= EVERY_MS) return;
    const token = await signFreshness();
    if (token === undefined) return;
    await bus.publish(FRESHNESS_SUBJECT, bundleStatementCodec.encode({ token }));
    nextAtMs = nowMs + EVERY_MS;
  };
}
