import { FarcallError } from '../../../shared/errors/index.ts';
import type { ConsoleAddress } from '../../../shared/messages/index.ts';
import { verifyPasskeyAssertion, withLowS } from '../../../shared/tokens/index.ts';
import { operatorKeys } from '../../trust/index.ts';
import { type ConsoleDeps, rpIdOf } from '../http/index.ts';
import { newSecret, secretId } from '../secrets/index.ts';
import type { Assertion } from './assertion.ts';
import { type Newcomer, trustedKey } from './sessions.ts';

/** How long a challenge waits for its passkey, and a code for its browser. */
const CHALLENGE_MS = 120_000;
const CODE_MS = 60_000;

type SignInDeps = Pick<ConsoleDeps, 'config' | 'consoles' | 'trust' | 'clock'>;

/** A new challenge for a passkey: 32 bytes of chance, good once, for two minutes, at whichever controller. */
export async function newChallenge(
  { consoles, clock }: Pick<SignInDeps, 'consoles' | 'clock'>,
  kind: 'challenge' | 'registration',
): Promise<string> {
  const challenge = newSecret();
  const endsAtMs = clock.nowMs() + CHALLENGE_MS;
  await consoles.issue({ id: secretId(challenge), kind, person: '', kid: '', endsAtMs });
  return challenge;
}

/** Takes a challenge back. Throws UNAUTHENTICATED where it was not handed out, was used, or is too old. */
export async function redeemChallenge(
  { consoles, clock }: Pick<SignInDeps, 'consoles' | 'clock'>,
  challenge: string,
  kind: 'challenge' | 'registration',
): Promise<void> {
  if (await consoles.redeem(secretId(challenge), kind, clock.nowMs())) return;
  throw new FarcallError('UNAUTHENTICATED', 'this challenge was used already, or is too old; try again');
}

/**
 * Who signs in with this assertion. Throws UNAUTHENTICATED, TOKEN_INVALID, TOKEN_CLAIMS, TOKEN_SIGNATURE.
 *
 * Threats: an assertion that was caught and sent again (the challenge is ours and is taken back first), one for another page
 * or without its person (`verifyPasskeyAssertion`), a key that is no passkey of anybody in the trust bundle. An assertion for
 * signing in is none for an approval, nor the other way round: there the challenge is the digest of what is approved, here
 * it is chance.
 */
export async function passkeySignIn(
  deps: SignInDeps,
  { credentialId, assertion }: Assertion,
): Promise<Newcomer> {
  const { keyring } = operatorKeys(deps.trust.current());
  const found = [...keyring].find(([, { passkey }]) => passkey?.credentialId === credentialId);
  if (!found)
    throw new FarcallError(
      'UNAUTHENTICATED',
      'this passkey is not in the trust bundle; the roots put it there: farcall trust',
    );
  const [kid] = found;
  const { key, owner, passkey } = trustedKey(deps, kid);
  if (!passkey || passkey.rpId !== rpIdOf(deps.config))
    throw new FarcallError('UNAUTHENTICATED', 'this passkey is for another console');
  const challenge = challengeIn(assertion.clientDataJSON);
  await redeemChallenge(deps, challenge, 'challenge');
  const lowS = { ...assertion, signature: withLowS(assertion.signature) };
  const asked = { assertion: lowS, challenge: Buffer.from(challenge, 'base64url') };
  verifyPasskeyAssertion(asked, { key, use: passkey }, 'signing in');
  return { person: owner, kid, way: 'passkey' };
}

/** The challenge that the browser says it was asked; verified later with all else of it. */
export function challengeIn(clientDataJSON: Uint8Array): string {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON).toString('utf8'));
    if (typeof challenge === 'string') return challenge;
  } catch {
    // The same answer as for one without.
  }
  throw new FarcallError('TOKEN_INVALID', 'the client data of the passkey cannot be read');
}

/** A code by which the holder of `kid` signs in, once, within a minute; he asked for it with a token by that key. */
export async function newCode(
  { consoles, config, clock }: Pick<SignInDeps, 'consoles' | 'config' | 'clock'>,
  { person, kid }: { readonly person: string; readonly kid: string },
): Promise<ConsoleAddress> {
  const code = newSecret();
  const expiresAtMs = clock.nowMs() + CODE_MS;
  await consoles.issue({ id: secretId(code), kind: 'code', person, kid, endsAtMs: expiresAtMs });
  return { origin: config.origin, code, expiresAtMs };
}

/** Who signs in with this code. Throws UNAUTHENTICATED. */
export async function codeSignIn({ consoles, clock }: SignInDeps, code: string): Promise<Newcomer> {
  const ticket = await consoles.redeem(secretId(code), 'code', clock.nowMs());
  if (ticket) return { person: ticket.person, kid: ticket.kid, way: 'operator-key' };
  throw new FarcallError(
    'UNAUTHENTICATED',
    'this code was used already, or is older than a minute; farcall console makes another',
  );
}
