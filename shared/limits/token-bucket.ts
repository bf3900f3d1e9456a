import type { Clock } from '../clock/index.ts';

/** How often something may happen. */
export interface Rate {
  /** At one moment. */
  readonly burst: number;
  /** And how much more each second. */
  readonly perSecond: number;
}

/** Keys that are remembered; the one that was not used for longest is forgotten first. */
const KEYS_LIMIT = 100_000;

interface Bucket {
  left: number;
  countedMs: number;
}

/** A token bucket: the function takes one token, and returns false where none was left. */
export function tokenBucket(clock: Clock, rate: Rate): () => boolean {
  const bucket = { left: rate.burst, countedMs: clock.nowMs() };
  return () => takeToken(bucket, clock.nowMs(), rate);
}

/**
 * A token bucket for each key; the function takes one token of its key's, and returns false where none was
 * left.
 */
export function tokenBuckets(clock: Clock, rate: Rate): (key: string) => boolean {
  const buckets = new Map<string, Bucket>();
  return key => {
    const nowMs = clock.nowMs();
    const bucket = buckets.get(key) ?? { left: rate.burst, countedMs: nowMs };
    buckets.delete(key);
    buckets.set(key, bucket);
    const oldest = buckets.keys().next().value;
    if (buckets.size > KEYS_LIMIT && oldest !== undefined) buckets.delete(oldest);
    return takeToken(bucket, nowMs, rate);
  };
}

function takeToken(bucket: Bucket, nowMs: number, { burst, perSecond }: Rate): boolean {
  const elapsedS = Math.max(0, nowMs - bucket.countedMs) / 1000;
  bucket.left = Math.min(burst, bucket.left + elapsedS * perSecond);
  bucket.countedMs = nowMs;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}
