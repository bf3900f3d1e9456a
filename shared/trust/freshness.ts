import { FarcallError } from '../errors/index.ts';
import type { TrustBundle } from './bundle.ts';

/**
 * How far a clock may be behind the time at which the bundle was made: drafts are made on offline machines.
 */
const ISSUE_TOLERANCE_MS = 24 * 3_600_000;

/** Throws TRUST_EXPIRED if `bundle` has expired at `nowMs`, and CLOCK_WRONG if it was made in the future. */
export function checkFresh(
  { version, issuedAtMs, expiresAtMs }: Pick<TrustBundle, 'version' | 'issuedAtMs' | 'expiresAtMs'>,
  nowMs: number,
): void {
  if (nowMs >= expiresAtMs) {
    throw new FarcallError(
      'TRUST_EXPIRED',
      `trust bundle ${version} expired at ${new Date(expiresAtMs).toISOString()}; the roots have to publish a newer one`,
    );
  }
  if (nowMs + ISSUE_TOLERANCE_MS < issuedAtMs) {
    throw new FarcallError(
      'CLOCK_WRONG',
      `the clock says ${new Date(nowMs).toISOString()}, and trust bundle ${version} was made at ` +
        `${new Date(issuedAtMs).toISOString()}; set the clock right`,
    );
  }
}
