import type { Clock } from '../../shared/clock/index.ts';
import { rateLimit } from '../../shared/limits/index.ts';

/** Queries that one host may send. */
const QUERIES = { burst: 20, perSecond: 0.5 };

/**
 * A limit on the queries of each host by itself; the function throws RATE_LIMITED.
 *
 * Threat: one host that asks without end would keep the compiler from all others.
 */
export function hostLimit(clock: Clock): (host: string) => void {
  return rateLimit(clock, QUERIES, host => `${host} asks for too many signatures; try again later`);
}
