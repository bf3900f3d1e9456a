import type { Clock } from '../clock/index.ts';

/** How often something may happen. */
export interface Rate {
  /** How often at one moment. */
  readonly burst: number;
  /** How much is added each second. */
  readonly perSecond: number;
}

/** Keys that are kept; the least recently used one is dropped first. */
const KEYS_LIMIT = 100_000;

interface Bucket {
  left: number;
  countedMs: number;
}

/** A token bucket. The function that it returns takes one token, and returns false if none is left. */
export function tokenBucket(clock: Clock, rate: Rate): () => boolean {
  const bucket = { left: rate.burst, countedMs: clock.nowMs() };
  return () => takeToken(bucket, clock.nowMs(), rate);
}

/** Token buckets by key. */
export interface TokenBuckets {
  /** Takes one token of the key, or as many as it is told; false if there are not so many left. */
  take(key: string, tokens?: number): boolean;
  /** Whether the key has a token left; takes none. */
  has(key: string): boolean;
}

/** A token bucket for each key. */
export function keyedBuckets(clock: Clock, rate: Rate): TokenBuckets {
  const buckets = new Map<string, Bucket>();
  return {
    take(key, tokens) {
      const nowMs = clock.nowMs();
      const bucket = buckets.get(key) ?? { left: rate.burst, countedMs: nowMs };
      buckets.delete(key);
      buckets.set(key, bucket);
      const oldest = buckets.keys().next().value;
      if (buckets.size > KEYS_LIMIT && oldest !== undefined) buckets.delete(oldest);
      return takeToken(bucket, nowMs, rate, tokens);
    },
    has(key) {
      const bucket = buckets.get(key);
      return bucket === undefined || takeToken({ ...bucket }, clock.nowMs(), rate);
    },
  };
}

/** The `take` of {@link keyedBuckets}. */
export function tokenBuckets(clock: Clock, rate: Rate): TokenBuckets['take'] {
  return keyedBuckets(clock, rate).take;
}

function takeToken(bucket: Bucket, nowMs: number, { burst, perSecond }: Rate, tokens = 1): boolean {
  const elapsedS = Math.max(0, nowMs - bucket.countedMs) / 1000;
  bucket.left = Math.min(burst, bucket.left + elapsedS * perSecond);
  bucket.countedMs = nowMs;
  if (bucket.left < tokens) return false;
  bucket.left -= tokens;
  return true;
}

/**
 * A token bucket for a sender that keeps to a rate by itself. The function that it returns takes `tokens` and
 * returns how long to wait before they are used, in milliseconds.
 */
export function pacer(clock: Clock, { burst, perSecond }: Rate): (tokens?: number) => number {
  const bucket = { left: burst, countedMs: clock.nowMs() };
  return (tokens = 1) => {
    const nowMs = clock.nowMs();
    const elapsedS = Math.max(0, nowMs - bucket.countedMs) / 1000;
    bucket.left = Math.min(burst, bucket.left + elapsedS * perSecond) - tokens;
    bucket.countedMs = nowMs;
    return bucket.left >= 0 ? 0 : Math.ceil((-bucket.left / perSecond) * 1000);
  };
}
