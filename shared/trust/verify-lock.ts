import { FarcallError } from '../errors/index.ts';
import type { LockKind } from '../messages/index.ts';
import { keyId, verifyToken } from '../tokens/index.ts';
import type { TrustBundle } from './bundle.ts';
import { keyringOf } from './keyring.ts';

/** A signature about a lock, and what to verify it with. */
export interface LockToVerify {
  readonly token: string;
  readonly bundle: Pick<TrustBundle, 'site' | 'approvers'>;
  readonly nowMs: number;
}

/** A valid signature for a lock: on what, whose it is, and why. */
export interface VerifiedLock {
  readonly kind: LockKind;
  readonly name: string;
  readonly by: string;
  readonly reason: string;
}

/** A valid signature for the end of a lock: of which lock, whose it is, and why. */
export interface VerifiedUnlock {
  /** Digest of the token by which the lock was set, as text. */
  readonly lock: string;
  readonly by: string;
  readonly reason: string;
}

/**
 * Checks that an approver locks this host, person or controller.
 *
 * Threats answered: a controller, or somebody with a session of another person, locks people in the name of
 * others (TOKEN_SIGNATURE, TOKEN_KEY_UNKNOWN); a lock for another site (SITE_OTHER); one that was kept back
 * and comes later (TOKEN_EXPIRED). That it comes once is for the store to see, and that its author may decide
 * about the host is for `requireHostInScope`: the token alone does not tell the labels of the host.
 */
export async function verifyLock({ token, bundle, nowMs }: LockToVerify): Promise<VerifiedLock> {
  const options = { site: bundle.site, keyring: keyringOf(bundle.approvers), nowMs };
  const { claims, signer } = await verifyToken('lock', token, options);
  return { kind: claims.what, name: claims.name, by: signer, reason: claims.reason };
}

/**
 * Checks that an approver ends one lock.
 *
 * Threats answered: those of {@link verifyLock}; and a signature for the end of one lock ends another one,
 * which was set later on the same name. So the signature names the lock by the token that set it.
 */
export async function verifyUnlock({ token, bundle, nowMs }: LockToVerify): Promise<VerifiedUnlock> {
  const options = { site: bundle.site, keyring: keyringOf(bundle.approvers), nowMs };
  const { claims, signer } = await verifyToken('unlock', token, options);
  return { lock: claims.lock, by: signer, reason: claims.reason };
}

/**
 * Ids of the keys that a lock on this name takes away: none for a host, whose name is locked; for a person or
 * controller those that the bundle lists, in any role, sorted. Throws NOT_FOUND if it lists none.
 */
export function keysToLock(
  bundle: Pick<TrustBundle, 'version' | 'controllers' | 'requesters' | 'approvers'>,
  { kind, name }: Pick<VerifiedLock, 'kind' | 'name'>,
): readonly string[] {
  if (kind === 'host') return [];
  const members = kind === 'controller' ? bundle.controllers : [...bundle.requesters, ...bundle.approvers];
  const kids = members.filter(member => member.name === name).flatMap(({ keys }) => keys.map(keyId));
  if (kids.length === 0)
    throw new FarcallError('NOT_FOUND', `trust bundle ${bundle.version} has no ${kind} ${name}`);
  return [...new Set(kids)].sort();
}
