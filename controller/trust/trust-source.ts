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
  /**
   * As {@link current}, also if the bundle has expired: for what gives nobody anything. Throws TRUST_MISSING.
   *
   * Threat: a key that the roots let expire is used. With it one can read, and stop a request: what people
   * need to see and do most while no newer bundle is there. Nothing can be asked for, approved or ordered.
   */
  lasting(): TrustBundle;
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
  const known = (): TrustBundle => {
    const bundle = newest();
    if (!bundle)
      throw new FarcallError(
        'TRUST_MISSING',
        'this controller has no trust bundle yet; the roots make one: farcall trust init, sign, publish',
      );
    return bundle;
  };
  const signed = (): TrustBundle => {
    const bundle = known();
    checkFresh(bundle, clock.nowMs());
    return bundle;
  };
  // One object as long as nothing changes, because keyrings are kept by it.
  const unlocked = (bundle: TrustBundle): TrustBundle => {
    const locked = lockedKids();
    if (made?.of !== bundle || made.locked !== locked)
      made = { of: bundle, locked, bundle: withoutLocked(bundle, locked) };
    return made.bundle;
  };
  return {
    site,
    signed,
    current: () => unlocked(signed()),
    lasting: () => unlocked(known()),
  };
}
