import { FarcallError } from '../../shared/errors/index.ts';

/** What controllers have stated about which trust bundle is the newest. */
export interface BundleStatements {
  /**
   * When a controller signed its last statement that none is newer than this host's; 0 if none came since the
   * agent started.
   */
  readonly confirmedAtMs: number;
  /** A newer bundle that a controller has named, and that this host does not have. */
  readonly newer?: NamedBundle | undefined;
}

/** A bundle that a controller has named. */
export interface NamedBundle {
  readonly version: number;
  /** Since when this host knows of it, in milliseconds since the epoch. */
  readonly sinceMs: number;
}

/** How long a host still goes by its bundle after a controller has named a newer one: time to fetch it. */
export const WITHHELD_GRACE_MS = 5 * 60_000;

/** How old the newest statement may be. Controllers make one each minute, and each lives for ten. */
export const STATEMENT_LIMIT_MS = 15 * 60_000;

/**
 * Throws TRUST_WITHHELD if a controller named a newer bundle some time ago that this host still cannot get,
 * and TRUST_STALE if no controller has stated for some time that there is none.
 *
 * Threat: somebody who has the broker holds back a bundle that removes people, and holds back an order that
 * these people approved, until it does harm. Without statements a host would go by its old bundle until that
 * expires, which may be in months. `orderedAtMs` is when the order was signed: it is a controller's statement
 * too, because it names the newest bundle that this controller knows. So an order that was just signed needs
 * no other statement. Somebody who also has the key of a controller in the host's bundle can make such
 * statements; nothing here stops them.
 */
export function checkNewest(
  { confirmedAtMs, newer }: BundleStatements,
  { version, orderedAtMs, nowMs }: { version: number; orderedAtMs: number; nowMs: number },
): void {
  if (newer && newer.version > version && nowMs - newer.sinceMs >= WITHHELD_GRACE_MS)
    throw new FarcallError(
      'TRUST_WITHHELD',
      `a controller named trust bundle ${newer.version} at ${new Date(newer.sinceMs).toISOString()}, and this host ` +
        `still has version ${version}; does the broker hold it back?`,
    );
  if (nowMs - Math.max(confirmedAtMs, orderedAtMs) > STATEMENT_LIMIT_MS)
    throw new FarcallError(
      'TRUST_STALE',
      `no controller has stated for ${STATEMENT_LIMIT_MS / 60_000} minutes that trust bundle ${version} is the newest; ` +
        'does the broker hold its statements back?',
    );
}
