import type { Clock } from '../../shared/clock/index.ts';
import type { Logger } from '../log/index.ts';
import type { OutcomeStore, RequestStore } from '../store/index.ts';

/** The stores and services that {@link expireOverdue} uses. */
export interface ExpireDeps {
  readonly requests: Pick<RequestStore, 'inState'>;
  readonly outcomes: Pick<OutcomeStore, 'expireRequest' | 'expireSilentHosts'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Ends what is past its time: a request that was not ordered before it expired; and an ordered one on which
 * hosts are still silent when even a call that started in the last moment would be over. Silence then is the
 * outcome `expired`.
 */
export async function expireOverdue({ requests, outcomes, clock, log }: ExpireDeps): Promise<void> {
  const nowMs = clock.nowMs();
  for (const { id, expiresAtMs } of await requests.inState('pending', 'rejected', 'approved')) {
    if (expiresAtMs <= nowMs && (await outcomes.expireRequest(id)))
      log.info({ request: id }, 'request expired');
  }
  for (const { id, settleAtMs } of await requests.inState('dispatched', 'aborting')) {
    if (settleAtMs > nowMs) continue;
    const silent = await outcomes.expireSilentHosts(id);
    if (silent.length > 0) log.info({ request: id, silentHosts: silent.length }, 'silent hosts are expired');
  }
}
