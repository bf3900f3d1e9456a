import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { checkFresh, type TrustBundle } from '../../shared/trust/index.ts';

/** The trust bundle that is valid now, and the site. */
export interface TrustSource {
  /** The site of the controller's file of roots, and so of every bundle that it accepts. */
  readonly site: string;
  /**
   * Throws TRUST_MISSING where there is none yet, TRUST_EXPIRED or CLOCK_WRONG where it does not hold now.
   */
  current(): TrustBundle;
}

/** A source of the newest bundle of `site`, while it is valid. */
export function trustSource(site: string, newest: () => TrustBundle | undefined, clock: Clock): TrustSource {
  return {
    site,
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
