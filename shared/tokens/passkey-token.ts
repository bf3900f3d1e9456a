import { type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { FarcallError } from '../errors/index.ts';
import { splitCanonicalObject } from './canonical.ts';
import { sha256 } from './digest.ts';
import { isLowS, p256SignatureOf, withLowS } from './ecdsa-signature.ts';
import { TOKEN_KINDS, type TokenKind } from './kinds.ts';
import type { PasskeyUse } from './passkey-key.ts';
import type { TokenContent } from './sign-token.ts';

/**
 * `alg` of a token that a passkey signed. RFC 7518 has no such algorithm, so no JWS library accepts the
 * token.
 */
export const PASSKEY_ALG = 'WebAuthn';

/**
 * The kinds of token that a passkey may sign: decisions and actions about a request, and the removal of a
 * host. All others take a key in a file.
 */
export const PASSKEY_KINDS: readonly TokenKind[] = [
  'request',
  'approval',
  'withdrawal',
  'abort',
  'review',
  'action',
  'hostRemoval',
];

/** Bits of the flags in authenticator data (WebAuthn level 3, section 6.1). */
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED_DATA = 0x40;

/** Hash of the domain, flags, counter. */
const AUTHENTICATOR_DATA_LEAST_BYTES = 37;

const assertionSchema = z.strictObject({
  authenticatorData: z.string().min(1).max(1024),
  clientDataJSON: z.string().min(1).max(4096),
  signature: z.string().min(1).max(128),
});

/** The reply of `navigator.credentials.get` in a browser, as bytes. */
export interface PasskeyAssertion {
  readonly authenticatorData: Uint8Array;
  readonly clientDataJSON: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The first two parts of a token by the passkey `kid`. The SHA-256 of this text is the challenge that the
 * passkey signs. Throws TOKEN_CLAIMS if `content` does not fit the kind, or if a passkey may not sign it.
 */
export function passkeySigningInput<K extends TokenKind>(
  kind: K,
  content: TokenContent<K>,
  kid: string,
): string {
  const { typ, aud, claims } = TOKEN_KINDS[kind];
  const parsed = claims.safeParse({ ...content, aud });
  if (!parsed.success || !PASSKEY_KINDS.includes(kind))
    throw new FarcallError('TOKEN_CLAIMS', `${typ}: a passkey cannot sign this`);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: PASSKEY_ALG, typ, kid })}.${part(parsed.data)}`;
}

/** The challenge for the text of {@link passkeySigningInput}, 32 bytes. */
export function passkeyChallenge(signingInput: string): Uint8Array {
  return sha256(Buffer.from(signingInput, 'ascii'));
}

/** The token: its signing input, and the assertion that signs it. An ECDSA signature gets its low S. */
export function passkeyToken(signingInput: string, assertion: PasskeyAssertion): string {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  const proof = {
    authenticatorData: text(assertion.authenticatorData),
    clientDataJSON: text(assertion.clientDataJSON),
    signature: text(withLowS(assertion.signature)),
  };
  return `${signingInput}.${text(Buffer.from(JSON.stringify(proof)))}`;
}

/** A passkey that is trusted. */
export interface TrustedPasskey {
  readonly key: KeyObject;
  readonly use: PasskeyUse;
}

/**
 * Verifies the assertion in the third part of `token` (WebAuthn level 3, section 7.2). Throws TOKEN_INVALID
 * if it is not an assertion, TOKEN_CLAIMS if it was made for something else, and TOKEN_SIGNATURE if its
 * signature is invalid.
 *
 * Threats answered, in this order: an assertion in another spelling, so that one decision would have two
 * texts (canonical JSON and base64url, strict DER, low S: anyone can make a second one of an ECDSA signature,
 * and a withdrawal names its token by its text); another kind of ceremony (type); an assertion for other
 * content (the challenge is the SHA-256 of exactly the header and claims before it); a page of another site
 * that uses the person's key (origin, frames of other origins, domain hash); a key that was used without its
 * person (present and verified: a stolen key without its PIN or finger is worth nothing).
 *
 * Not answered: the counter. Hosts share no memory of it, and synchronised keys have none; a new trust bundle
 * ends a copied key. A person signs what their browser shows: anyone who controls the console's page can show
 * them something else. A person who must exclude that approves with `farcall approve`.
 */
export function verifyPasskeySignature(token: string, { key, use }: TrustedPasskey, what: string): void {
  const signingInput = token.slice(0, token.lastIndexOf('.'));
  const assertion = assertionIn(token.slice(signingInput.length + 1), what);
  verifyPasskeyAssertion({ assertion, challenge: passkeyChallenge(signingInput) }, { key, use }, what);
}

/** An assertion, and the challenge that it must sign. */
export interface AskedAssertion {
  readonly assertion: PasskeyAssertion;
  readonly challenge: Uint8Array;
}

/**
 * Checks that the passkey signed this challenge for one of its pages, with its person present and verified.
 * Throws TOKEN_INVALID, TOKEN_CLAIMS or TOKEN_SIGNATURE. An ECDSA signature must have its low S; see
 * `withLowS`.
 */
export function verifyPasskeyAssertion(
  { assertion: proof, challenge }: AskedAssertion,
  { key, use }: TrustedPasskey,
  what: string,
): void {
  const fail = (code: 'TOKEN_INVALID' | 'TOKEN_CLAIMS' | 'TOKEN_SIGNATURE', problem: string): never => {
    throw new FarcallError(code, `${what}: ${problem}`);
  };
  const clientData = clientDataIn(proof.clientDataJSON, what);
  if (clientData['type'] !== 'webauthn.get') fail('TOKEN_CLAIMS', 'the passkey signed something else');
  if (clientData['challenge'] !== Buffer.from(challenge).toString('base64url'))
    fail('TOKEN_CLAIMS', 'the passkey signed another challenge');
  if (!use.origins.some(origin => origin === clientData['origin']))
    fail(
      'TOKEN_CLAIMS',
      `the passkey was used on ${String(clientData['origin'])}, which is not a page of this console`,
    );
  if ((clientData['crossOrigin'] ?? false) !== false || clientData['topOrigin'] !== undefined)
    fail('TOKEN_CLAIMS', 'the passkey was used in a frame of another site');
  checkAuthenticatorData(proof.authenticatorData, use, fail);
  const signed = Buffer.concat([proof.authenticatorData, sha256(proof.clientDataJSON)]);
  if (!signatureHolds(signed, proof.signature, key, what))
    fail('TOKEN_SIGNATURE', 'the signature of the passkey is invalid');
}

type Fail = (code: 'TOKEN_INVALID' | 'TOKEN_CLAIMS', problem: string) => never;

function checkAuthenticatorData(data: Uint8Array, { rpId }: PasskeyUse, fail: Fail): void {
  if (data.length < AUTHENTICATOR_DATA_LEAST_BYTES)
    fail('TOKEN_INVALID', `authenticator data of ${data.length} bytes`);
  if (Buffer.compare(data.subarray(0, 32), sha256(Buffer.from(rpId, 'utf8'))) !== 0)
    fail('TOKEN_CLAIMS', `the passkey signed for another domain than ${rpId}`);
  const flags = data[32]!;
  if ((flags & USER_PRESENT) === 0) fail('TOKEN_CLAIMS', 'nobody was present when the passkey signed');
  if ((flags & USER_VERIFIED) === 0) fail('TOKEN_CLAIMS', 'the passkey signed without a PIN, finger or face');
  if ((flags & ATTESTED_DATA) !== 0) fail('TOKEN_INVALID', 'this is a registration, not an assertion');
}

function signatureHolds(signed: Uint8Array, signature: Uint8Array, key: KeyObject, what: string): boolean {
  if (key.asymmetricKeyType === 'ed25519') return verify(null, signed, key, signature);
  if (key.asymmetricKeyType !== 'ec')
    throw new FarcallError('INTERNAL', `${what}: a passkey with a key of type ${key.asymmetricKeyType}`);
  const numbers = p256SignatureOf(signature);
  if (!numbers || !isLowS(numbers))
    throw new FarcallError('TOKEN_INVALID', `${what}: the signature is not in canonical form`);
  return verify('sha256', signed, { key, dsaEncoding: 'der' }, signature);
}

function assertionIn(part: string, what: string): PasskeyAssertion {
  const parsed = assertionSchema.safeParse(splitCanonicalObject('assertion', part));
  if (!parsed.success) throw new FarcallError('TOKEN_INVALID', `${what}: its third part is not an assertion`);
  const bytesOf = (text: string): Uint8Array => {
    const bytes = Buffer.from(text, 'base64url');
    if (bytes.toString('base64url') === text) return bytes;
    throw new FarcallError('TOKEN_INVALID', `${what}: the assertion is not in canonical base64url`);
  };
  const { authenticatorData, clientDataJSON, signature } = parsed.data;
  return {
    authenticatorData: bytesOf(authenticatorData),
    clientDataJSON: bytesOf(clientDataJSON),
    signature: bytesOf(signature),
  };
}

/** The client data are bytes of the browser and are signed as they are; only their content is checked. */
function clientDataIn(bytes: Uint8Array, what: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (cause) {
    throw new FarcallError('TOKEN_INVALID', `${what}: the client data is not JSON`, { cause });
  }
  throw new FarcallError('TOKEN_INVALID', `${what}: the client data is not an object`);
}
