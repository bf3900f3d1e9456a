import type { Clock } from '../../shared/clock/index.ts';
import type { Logger } from '../log/index.ts';
import type { EmergencyStore } from '../store/index.ts';

/** Records and logs, once for each emergency, that too few people reviewed it in time. */
export async function noteOverdueReviews({
  emergencies,
  clock,
  log,
}: {
  readonly emergencies: Pick<EmergencyStore, 'noteOverdue'>;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<void> {
  for (const request of await emergencies.noteOverdue(clock.nowMs()))
    log.warn({ request }, 'an emergency was not reviewed in time; farcall reviews lists what waits');
}
