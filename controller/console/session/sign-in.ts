import { FarcallError } from '../../../shared/errors/index.ts';
import type { ConsoleAddress } from '../../../shared/messages/index.ts';
import { verifyPasskeyAssertion, withLowS } from '../../../shared/tokens/index.ts';
import { operatorKeys } from '../../trust/index.ts';
import { type ConsoleDeps, rpIdOf } from '../http/index.ts';
import { newSecret, secretId } from '../secrets/index.ts';
import type { Assertion } from './assertion.ts';
import { type SignInSubject, trustedKey } from './sessions.ts';

/** How long a challenge, and a sign-in code, may be used. */
const CHALLENGE_MS = 120_000;
const CODE_MS = 60_000;

type SignInDeps = Pick<ConsoleDeps, 'config' | 'consoles' | 'trust' | 'clock'>;

/**
 * A new challenge for a passkey: 32 random bytes, for one use within two minutes, at any controller of the
 * site.
 */
export async function newChallenge(
  { consoles, clock }: Pick<SignInDeps, 'consoles' | 'clock'>,
  kind: 'challenge' | 'registration',
): Promise<string> {
  const challenge = newSecret();
  const endsAtMs = clock.nowMs() + CHALLENGE_MS;
  await consoles.issue({ id: secretId(challenge), kind, person: '', kid: '', endsAtMs });
  return challenge;
}

/** Consumes a challenge. Throws UNAUTHENTICATED where nobody issued it, or it was used, or is too old. */
export async function redeemChallenge(
  { consoles, clock }: Pick<SignInDeps, 'consoles' | 'clock'>,
  challenge: string,
  kind: 'challenge' | 'registration',
): Promise<void> {
  if (await consoles.redeem(secretId(challenge), kind, clock.nowMs())) return;
  throw new FarcallError('UNAUTHENTICATED', 'this challenge was already used, or is too old; try again');
}

/**
 * The person who signs in with this assertion. Throws UNAUTHENTICATED, TOKEN_INVALID, TOKEN_CLAIMS,
 * TOKEN_SIGNATURE.
 *
 * Threats: somebody intercepts an assertion and sends it again (the challenge is ours and is consumed first);
 * an assertion for another page or without user verification (`verifyPasskeyAssertion`); a key that is
 * nobody's passkey in the trust bundle. An assertion for signing in cannot serve as an approval, nor the
 * other way round: the challenge of an approval is the digest of what is approved, this one is random.
 */
export async function passkeySignIn(
  deps: SignInDeps,
  { credentialId, assertion }: Assertion,
): Promise<SignInSubject> {
  const { keyring } = operatorKeys(deps.trust.current());
  const found = [...keyring].find(([, { passkey }]) => passkey?.credentialId === credentialId);
  if (!found)
    throw new FarcallError(
      'UNAUTHENTICATED',
      'this passkey is not in the trust bundle; the roots can add it with farcall trust',
    );
  const [kid] = found;
  const { key, owner, passkey } = trustedKey(deps, kid);
  if (!passkey || passkey.rpId !== rpIdOf(deps.config))
    throw new FarcallError('UNAUTHENTICATED', 'this passkey is for another console');
  const challenge = challengeIn(assertion.clientDataJSON);
  await redeemChallenge(deps, challenge, 'challenge');
  const lowS = { ...assertion, signature: withLowS(assertion.signature) };
  const signed = { assertion: lowS, challenge: Buffer.from(challenge, 'base64url') };
  verifyPasskeyAssertion(signed, { key, use: passkey }, 'signing in');
  return { person: owner, kid, signInMethod: 'passkey' };
}

/** The challenge that the client data names. The caller verifies it, with the rest of the assertion. */
export function challengeIn(clientDataJSON: Uint8Array): string {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON).toString('utf8'));
    if (typeof challenge === 'string') return challenge;
  } catch {
    // Handled below, like client data without a challenge.
  }
  throw new FarcallError('TOKEN_INVALID', 'the client data of the passkey cannot be read');
}

/**
 * A code with which the holder of `kid` signs in, once, within a minute. They asked for it with a token by
 * that key.
 */
export async function newCode(
  { consoles, config, clock }: Pick<SignInDeps, 'consoles' | 'config' | 'clock'>,
  { person, kid }: { readonly person: string; readonly kid: string },
): Promise<ConsoleAddress> {
  const code = newSecret();
  const expiresAtMs = clock.nowMs() + CODE_MS;
  await consoles.issue({ id: secretId(code), kind: 'code', person, kid, endsAtMs: expiresAtMs });
  return { origin: config.origin, code, expiresAtMs };
}

/** The person who signs in with this code. Throws UNAUTHENTICATED. */
export async function codeSignIn({ consoles, clock }: SignInDeps, code: string): Promise<SignInSubject> {
  const ticket = await consoles.redeem(secretId(code), 'code', clock.nowMs());
  if (ticket) return { person: ticket.person, kid: ticket.kid, signInMethod: 'operator-key' };
  throw new FarcallError(
    'UNAUTHENTICATED',
    'this code was already used, or is older than a minute; farcall console prints a new one',
  );
}
