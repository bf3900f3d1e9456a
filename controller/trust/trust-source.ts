import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { TrustBundle } from '../../shared/trust/index.ts';

/** The trust bundle that holds at this moment. */
export interface TrustSource {
  /** Throws TRUST_INVALID where the bundle is expired. */
  current(): TrustBundle;
}

/** Serves the pinned `bundle` until it expires. */
export function trustSource(bundle: TrustBundle, clock: Clock): TrustSource {
  return {
    current() {
      if (bundle.expiresAtMs > clock.nowMs()) return bundle;
      const since = new Date(bundle.expiresAtMs).toISOString();
      throw new FarcallError(
        'TRUST_INVALID',
        `the trust bundle of the controller (version ${bundle.version}) is expired since ${since}; it needs a new one`,
      );
    },
  };
}
