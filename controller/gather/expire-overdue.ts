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
 * Ends what is overdue. A request that was not ordered in time expires. Of an ordered request, hosts get the
 * outcome `expired` if they are still silent when even a call that started in the last moment would be over.
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
    if (silent.length > 0) log.info({ request: id, silentHosts: silent.length }, 'silent hosts expired');
  }
}
