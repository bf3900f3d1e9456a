import { FarcallError } from '../../../shared/errors/index.ts';
import type { TrustedKey } from '../../../shared/tokens/index.ts';
import type { Caller } from '../../api/index.ts';
import type { ConsoleSession, SignInMethod } from '../../store/index.ts';
import { operatorKeys } from '../../trust/index.ts';
import type { ConsoleDeps } from '../http/index.ts';
import { secretIn, sessionCookie } from '../http/index.ts';
import { newSecret, secretId } from '../secrets/index.ts';

/** A person who is signed in, with the roles that they have now. */
export interface SignedIn {
  readonly session: ConsoleSession;
  readonly caller: Caller;
  /** When the session ends without further use. */
  readonly expiresAtMs: number;
}

/** The person who signs in, with which key and by which method. */
export interface SignInSubject {
  readonly person: string;
  readonly kid: string;
  readonly signInMethod: SignInMethod;
}

/** Least time between two writes that note a session's use. */
const NOTE_USE_INTERVAL_MS = 10_000;

type SessionDeps = Pick<ConsoleDeps, 'config' | 'consoles' | 'trust' | 'clock'>;

/** Begins a session; only the browser may hold its secret. Throws what {@link trustedKey} throws. */
export async function beginSession(
  deps: SessionDeps,
  { person, kid, signInMethod }: SignInSubject,
): Promise<{ readonly secret: string; readonly signedIn: SignedIn }> {
  const { consoles, config, clock } = deps;
  trustedKey(deps, kid, person);
  const secret = newSecret();
  const nowMs = clock.nowMs();
  const endsAtMs = nowMs + config.sessionMs;
  const session = { id: secretId(secret), person, kid, signInMethod, usedAtMs: nowMs, endsAtMs };
  await consoles.open(session);
  return { secret, signedIn: signedInAs(deps, session) };
}

/**
 * The signed-in person who sent this `Cookie` header. Throws UNAUTHENTICATED where there is none.
 *
 * Threats: a session that never ends (it ends after its lifetime, and sooner without use); a person or key
 * that was removed from the trust bundle or has other roles now (each call looks them up again: the session
 * says who somebody is, never what they may do).
 */
export async function findSession(deps: SessionDeps, cookieHeader: string | undefined): Promise<SignedIn> {
  const secret = secretIn(sessionCookie(deps.config), cookieHeader);
  const session = secret === undefined ? undefined : await deps.consoles.find(secretId(secret));
  const nowMs = deps.clock.nowMs();
  if (!session || nowMs >= session.endsAtMs || nowMs >= session.usedAtMs + deps.config.idleMs)
    throw new FarcallError('UNAUTHENTICATED', 'nobody is signed in; sign in first');
  if (nowMs - session.usedAtMs < NOTE_USE_INTERVAL_MS) return signedInAs(deps, session);
  await noteUse(deps, session.id, nowMs);
  return signedInAs(deps, { ...session, usedAtMs: nowMs });
}

/** While the disk of the store is full, a session is read and its use is not noted: it ends sooner. */
async function noteUse({ consoles }: SessionDeps, id: string, nowMs: number): Promise<void> {
  await consoles.used(id, nowMs).catch(error => {
    if (!(error instanceof FarcallError && error.code === 'STORE_FULL')) throw error;
  });
}

/**
 * Whether the session of an open stream has ended. A stream does not count as use, so a page that is only
 * looked at is signed out in the end as well.
 *
 * Threat: a person who was removed from the trust bundle goes on seeing what they opened before.
 */
export async function isOver(deps: SessionDeps, begun: ConsoleSession): Promise<boolean> {
  const session = await deps.consoles.find(begun.id).catch(() => begun);
  const nowMs = deps.clock.nowMs();
  if (!session || nowMs >= session.endsAtMs || nowMs >= session.usedAtMs + deps.config.idleMs) return true;
  try {
    signedInAs(deps, session);
    return false;
  } catch {
    return true;
  }
}

function signedInAs(deps: SessionDeps, session: ConsoleSession): SignedIn {
  const { person, kid, usedAtMs, endsAtMs } = session;
  trustedKey(deps, kid, person);
  const roles = operatorKeys(deps.trust.current()).rolesOf(kid);
  const expiresAtMs = Math.min(endsAtMs, usedAtMs + deps.config.idleMs);
  return { session, caller: { name: person, roles, kid }, expiresAtMs };
}

/**
 * The key `kid`. Throws UNAUTHENTICATED where the trust bundle does not have it now, or not as this person's.
 */
export function trustedKey(
  { trust, clock }: Pick<ConsoleDeps, 'trust' | 'clock'>,
  kid: string,
  person?: string,
): TrustedKey {
  const key = operatorKeys(trust.current()).keyring.get(kid);
  if (key && (person === undefined || key.owner === person) && isKeyValidNow(key, clock)) return key;
  throw new FarcallError('UNAUTHENTICATED', 'this key is not in the trust bundle, or no longer');
}

/** Whether a key is valid now, by its own notBefore and notAfter. */
export function isKeyValidNow({ validity }: TrustedKey, clock: ConsoleDeps['clock']): boolean {
  const { notBeforeMs = 0, notAfterMs = Number.POSITIVE_INFINITY } = validity ?? {};
  const nowMs = clock.nowMs();
  return nowMs >= notBeforeMs && nowMs < notAfterMs;
}
