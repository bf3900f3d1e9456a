import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { checkFresh, type TrustBundle } from '../../shared/trust/index.ts';

/** The trust bundle that holds at this moment. */
export interface TrustSource {
  /**
   * Throws TRUST_MISSING where there is none yet, TRUST_EXPIRED or CLOCK_WRONG where it does not hold now.
   */
  current(): TrustBundle;
}

/** Serves the newest bundle, as long as it holds. */
export function trustSource(newest: () => TrustBundle | undefined, clock: Clock): TrustSource {
  return {
    current() {
      const bundle = newest();
      if (!bundle)
        throw new FarcallError(
          'TRUST_MISSING',
          'this controller has no trust bundle yet; the roots make one: farcall trust init, sign, publish',
        );
      checkFresh(bundle, clock.nowMs());
      return bundle;
    },
  };
}
