import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { tokenBuckets } from '../../shared/limits/index.ts';

/** Queries that one host may send. */
const QUERIES = { burst: 20, perSecond: 0.5 };

/**
 * A limit on the sign queries of each host by itself. The function counts a query of `host`, and throws
 * RATE_LIMITED where the host sent too many.
 *
 * Threat: a host that sends queries without end would keep the compiler from all other hosts.
 */
export function signQueryLimit(clock: Clock): (host: string) => void {
  const take = tokenBuckets(clock, QUERIES);
  return host => {
    if (!take(host))
      throw new FarcallError('RATE_LIMITED', `${host} asks for too many signatures; try again later`);
  };
}
