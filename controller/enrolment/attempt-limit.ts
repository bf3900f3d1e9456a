import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';

/** Tries that may come at one moment. */
const BURST = 100;

/** Tries that may go on coming, each second: a fleet of 10,000 hosts is in after seven minutes. */
const PER_SECOND = 25;

/** Counts a try; throws RATE_LIMITED where there were too many. */
export type AttemptLimit = () => void;

/**
 * A limit on tries from everybody together (a token bucket).
 *
 * Threat: anybody who reaches the controller may try to redeem an enrolment. Guessing 256 random bits is hopeless at any
 * rate; the limit keeps a flood from using up the processor and the store, where others' requests are served. A flood can
 * thus keep new hosts out, and nothing else.
 */
export function attemptLimit(clock: Clock): AttemptLimit {
  let left = BURST;
  let countedMs = clock.nowMs();
  return () => {
    const nowMs = clock.nowMs();
    left = Math.min(BURST, left + (Math.max(0, nowMs - countedMs) / 1000) * PER_SECOND);
    countedMs = nowMs;
    if (left < 1)
      throw new FarcallError('RATE_LIMITED', 'too many machines enrol at once; try again in a few seconds');
    left -= 1;
  };
}
