import { FarcallError } from '../errors/index.ts';
import { verifyToken } from '../tokens/index.ts';
import type { TrustBundle } from './bundle.ts';
import { keyringOf } from './keyring.ts';
import { outsideHostScope, requireHostInScope, type ScopedHost } from './scopes.ts';

/** How many different approvers it takes to remove a host, where there are as many. */
const REMOVERS = 2;

/** A signature for the removal of a host, and what to verify it with. */
export interface HostRemovalToVerify {
  readonly token: string;
  readonly host: string;
  /** Id of the key with which the host is enrolled. */
  readonly kid: string;
  /** The labels with which the host is enrolled. */
  readonly labels: ScopedHost['labels'];
  readonly bundle: Pick<TrustBundle, 'site' | 'approvers' | 'teams' | 'scopes'>;
  readonly nowMs: number;
}

/** A valid signature for the removal of a host: whose it is, why, and until when it counts. */
export interface VerifiedHostRemoval {
  readonly by: string;
  readonly reason: string;
  readonly endsAtMs: number;
}

/**
 * Checks that an approver wants exactly this host removed, with the key that it is enrolled with.
 *
 * Threats answered: a removal of another host, or of the machine that had this name before (TOKEN_CLAIMS);
 * one for another site (SITE_OTHER); one by somebody who is no approver, or no longer (TOKEN_KEY_UNKNOWN);
 * one by an approver for other hosts (SCOPE_EXCEEDED); one that was signed long ago, and that its signer has
 * forgotten (TOKEN_EXPIRED).
 */
export async function verifyHostRemoval({
  token,
  host,
  kid,
  labels,
  bundle,
  nowMs,
}: HostRemovalToVerify): Promise<VerifiedHostRemoval> {
  const options = { site: bundle.site, keyring: keyringOf(bundle.approvers), nowMs };
  const { claims, signer } = await verifyToken('hostRemoval', token, options);
  if (claims.host !== host)
    throw new FarcallError('TOKEN_CLAIMS', `the removal by ${signer} is of the host ${claims.host}`);
  if (claims.kid !== kid)
    throw new FarcallError(
      'TOKEN_CLAIMS',
      `the removal by ${signer} is of ${host} with the key ${claims.kid}, and its key is ${kid}`,
    );
  requireHostInScope(bundle, signer, { host, labels });
  return { by: signer, reason: claims.reason, endsAtMs: claims.exp * 1000 };
}

/**
 * The names of the people who may remove hosts: all approvers of the bundle with a key that is valid at
 * `nowMs`, sorted.
 */
export function hostRemovers(bundle: Pick<TrustBundle, 'approvers'>, nowMs: number): readonly string[] {
  const valid = [...keyringOf(bundle.approvers).values()].filter(
    ({ validity: { notBeforeMs = 0, notAfterMs = Number.POSITIVE_INFINITY } = {} }) =>
      nowMs >= notBeforeMs && nowMs < notAfterMs,
  );
  return [...new Set(valid.map(({ owner }) => owner))].sort();
}

/** Those of {@link hostRemovers} whose scopes cover this host. */
export function hostRemoversOf(
  bundle: Pick<TrustBundle, 'approvers' | 'teams' | 'scopes'>,
  host: ScopedHost,
  nowMs: number,
): readonly string[] {
  return hostRemovers(bundle, nowMs).filter(name => outsideHostScope(bundle, name, host) === undefined);
}

/**
 * How many different people must sign for the removal of a host: two, or one where there is only one
 * approver.
 *
 * Threat: one stolen key takes hosts out of the fleet. Its holder can also lock people at once; so `bundle`
 * must be the one that the roots signed, in which locked people still count as people who may. Scopes lower
 * the number for no host: one that is in the scope of a single approver is removed after the next bundle.
 */
export function hostRemoversNeeded(bundle: Pick<TrustBundle, 'approvers'>, nowMs: number): number {
  return Math.min(REMOVERS, Math.max(1, hostRemovers(bundle, nowMs).length));
}
