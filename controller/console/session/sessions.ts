import { FarcallError } from '../../../shared/errors/index.ts';
import type { TrustedKey } from '../../../shared/tokens/index.ts';
import type { Caller } from '../../api/index.ts';
import type { ConsoleSession, SignInMethod } from '../../store/index.ts';
import { operatorKeys } from '../../trust/index.ts';
import type { ConsoleDeps } from '../http/index.ts';
import { secretIn, sessionCookie } from '../http/index.ts';
import { newSecret, secretId } from '../secrets/index.ts';

/** Somebody who is signed in, as he is trusted at this moment. */
export interface SignedIn {
  readonly session: ConsoleSession;
  readonly caller: Caller;
  /** When it ends if nothing more is done. */
  readonly expiresAtMs: number;
}

/** Who signs in. */
export interface Newcomer {
  readonly person: string;
  readonly kid: string;
  readonly way: SignInMethod;
}

/** How often it is written down that a session is used. */
const NOTE_USE_MS = 10_000;

type SessionDeps = Pick<ConsoleDeps, 'config' | 'consoles' | 'trust' | 'clock'>;

/** Begins a session; the secret is for the browser alone. Throws what {@link trustedKey} throws. */
export async function beginSession(
  deps: SessionDeps,
  { person, kid, way }: Newcomer,
): Promise<{ readonly secret: string; readonly signedIn: SignedIn }> {
  const { consoles, config, clock } = deps;
  trustedKey(deps, kid, person);
  const secret = newSecret();
  const nowMs = clock.nowMs();
  const endsAtMs = nowMs + config.sessionMs;
  const session = { id: secretId(secret), person, kid, way, usedAtMs: nowMs, endsAtMs };
  await consoles.open(session);
  return { secret, signedIn: signedInAs(deps, session) };
}

/**
 * Who sends this `Cookie` header. Throws UNAUTHENTICATED where nobody is signed in by it.
 *
 * Threats: a session that goes on for ever (its own end, and one without use); a person or key that was taken out of the
 * trust bundle, or has other roles now (looked up anew at each call: the session says who somebody was, never what he
 * may do).
 */
export async function findSession(deps: SessionDeps, cookieHeader: string | undefined): Promise<SignedIn> {
  const secret = secretIn(sessionCookie(deps.config), cookieHeader);
  const session = secret === undefined ? undefined : await deps.consoles.find(secretId(secret));
  const nowMs = deps.clock.nowMs();
  if (!session || nowMs >= session.endsAtMs || nowMs >= session.usedAtMs + deps.config.idleMs)
    throw new FarcallError('UNAUTHENTICATED', 'nobody is signed in; sign in first');
  if (nowMs - session.usedAtMs < NOTE_USE_MS) return signedInAs(deps, session);
  await deps.consoles.used(session.id, nowMs);
  return signedInAs(deps, { ...session, usedAtMs: nowMs });
}

/**
 * Whether a session that streams is over; a stream is nobody's use of the console. Only looking signs out in the end as well.
 *
 * Threat: somebody who was taken out of the trust bundle goes on seeing what he opened before.
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

/** The key `kid`, where it is trusted now. Throws UNAUTHENTICATED where it is not, or is another person's. */
export function trustedKey(
  { trust, clock }: Pick<ConsoleDeps, 'trust' | 'clock'>,
  kid: string,
  person?: string,
): TrustedKey {
  const key = operatorKeys(trust.current()).keyring.get(kid);
  if (key && (person === undefined || key.owner === person) && isInItsTime(key, clock)) return key;
  throw new FarcallError('UNAUTHENTICATED', 'this key is not, or no more, in the trust bundle');
}

/** Whether a key may be used at this moment. */
export function isInItsTime({ validity }: TrustedKey, clock: ConsoleDeps['clock']): boolean {
  const { notBeforeMs = 0, notAfterMs = Number.POSITIVE_INFINITY } = validity ?? {};
  const nowMs = clock.nowMs();
  return nowMs >= notBeforeMs && nowMs <= notAfterMs;
}
