import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { tokenBucket } from '../../shared/limits/index.ts';

/** Redemptions of all machines together: a fleet of 10,000 hosts is enrolled after seven minutes. */
const REDEMPTIONS = { burst: 100, perSecond: 25 };

/** Counts a redemption; throws RATE_LIMITED where there were too many. */
export type RedemptionLimit = () => void;

/**
 * A limit on the redemptions of all machines together.
 *
 * Threat: anybody who reaches the controller may try to redeem an enrolment. Nobody can guess 256 random bits
 * at any rate. The limit keeps a flood from using up the processor and the store, which serve other people's
 * requests. So a flood can keep new hosts out, and can do nothing else.
 */
export function redemptionLimit(clock: Clock): RedemptionLimit {
  const take = tokenBucket(clock, REDEMPTIONS);
  return () => {
    if (!take())
      throw new FarcallError('RATE_LIMITED', 'too many machines enrol at once; try again in a few seconds');
  };
}
