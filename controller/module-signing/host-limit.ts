import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';

/** Queries that one host may send at one moment, and how many more each second. */
const BURST = 20;
const PER_SECOND = 0.5;
/** Hosts of which something is remembered; the longest silent are forgotten first. */
const HOSTS_REMEMBERED = 100_000;

interface Bucket {
  left: number;
  countedMs: number;
}

/**
 * A limit on the queries of each host by itself (a token bucket); the function throws RATE_LIMITED.
 *
 * Threat: one host that asks without end would keep the compiler from all others.
 */
export function hostLimit(clock: Clock): (host: string) => void {
  const buckets = new Map<string, Bucket>();
  return host => {
    const nowMs = clock.nowMs();
    const bucket = buckets.get(host) ?? { left: BURST, countedMs: nowMs };
    buckets.delete(host);
    buckets.set(host, bucket);
    const oldest = buckets.keys().next().value;
    if (buckets.size > HOSTS_REMEMBERED && oldest !== undefined) buckets.delete(oldest);
    bucket.left = Math.min(BURST, bucket.left + (Math.max(0, nowMs - bucket.countedMs) / 1000) * PER_SECOND);
    bucket.countedMs = nowMs;
    if (bucket.left < 1)
      throw new FarcallError('RATE_LIMITED', `${host} asks for too many signatures; try again later`);
    bucket.left -= 1;
  };
}
