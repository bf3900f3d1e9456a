import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { checkFresh, type TrustBundle } from '../../shared/trust/index.ts';
import { withoutLocked } from './without-locked.ts';

/** The trust bundle that is valid now, and the site. */
export interface TrustSource {
  /** The site of the controller's file of roots, and so of every bundle that it accepts. */
  readonly site: string;
  /**
   * The bundle without the keys that are locked: what this controller decides by. Throws TRUST_MISSING where
   * there is none yet, TRUST_EXPIRED or CLOCK_WRONG where it does not hold now.
   */
  current(): TrustBundle;
  /** The bundle as the roots signed it, with the keys that are locked. Throws as {@link current}. */
  signed(): TrustBundle;
}

/** The inputs of {@link trustSource}. */
export interface TrustSourceOptions {
  readonly site: string;
  readonly newest: () => TrustBundle | undefined;
  readonly clock: Clock;
  /** Ids of the keys that are locked now; nobody's by default. */
  readonly lockedKids?: () => ReadonlySet<string>;
}

const NOBODY: ReadonlySet<string> = new Set();

/**
 * A source of the newest bundle of `site`, while it is valid, without the keys that `lockedKids` names.
 *
 * Threat: the key of a person or controller was stolen, and acts until the roots have signed a new bundle.
 * Every decision of a controller is by this source, so a locked key authenticates nobody, its approvals do
 * not count, its sessions end, and a controller with it orders nothing.
 */
export function trustSource({
  site,
  newest,
  clock,
  lockedKids = () => NOBODY,
}: TrustSourceOptions): TrustSource {
  let made: { readonly of: TrustBundle; readonly locked: ReadonlySet<string>; readonly bundle: TrustBundle };
  const signed = (): TrustBundle => {
    const bundle = newest();
    if (!bundle)
      throw new FarcallError(
        'TRUST_MISSING',
        'this controller has no trust bundle yet; the roots make one: farcall trust init, sign, publish',
      );
    checkFresh(bundle, clock.nowMs());
    return bundle;
  };
  return {
    site,
    signed,
    current() {
      const [bundle, locked] = [signed(), lockedKids()];
      // One object as long as nothing changes, because keyrings are kept by it.
      if (made?.of !== bundle || made.locked !== locked)
        made = { of: bundle, locked, bundle: withoutLocked(bundle, locked) };
      return made.bundle;
    },
  };
}
