import type { Clock } from '../clock/index.ts';
import { FarcallError } from '../errors/index.ts';

/** How much somebody may ask. */
export interface Rate {
  /** At one moment. */
  readonly burst: number;
  /** And how much more each second. */
  readonly perSecond: number;
}

/** Askers of whom something is remembered; the longest silent are forgotten first. */
const REMEMBERED = 100_000;

interface Bucket {
  left: number;
  countedMs: number;
}

/** A limit for each asker by himself (a token bucket); the function throws RATE_LIMITED, with `problem` of him. */
export function rateLimit(
  clock: Clock,
  { burst, perSecond }: Rate,
  problem: (who: string) => string,
): (who: string) => void {
  const buckets = new Map<string, Bucket>();
  return who => {
    const nowMs = clock.nowMs();
    const bucket = buckets.get(who) ?? { left: burst, countedMs: nowMs };
    buckets.delete(who);
    buckets.set(who, bucket);
    const oldest = buckets.keys().next().value;
    if (buckets.size > REMEMBERED && oldest !== undefined) buckets.delete(oldest);
    bucket.left = Math.min(burst, bucket.left + (Math.max(0, nowMs - bucket.countedMs) / 1000) * perSecond);
    bucket.countedMs = nowMs;
    if (bucket.left < 1) throw new FarcallError('RATE_LIMITED', problem(who));
    bucket.left -= 1;
  };
}
