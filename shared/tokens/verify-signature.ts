import { type KeyObject, verify } from 'node:crypto';
import { compactVerify, errors as joseErrors } from 'jose';
import { FarcallError } from '../errors/index.ts';

/**
 * Checks the signature of the compact JWS `token`, and nothing else of it. `algorithms` are spelled out by
 * the caller: what the token says of itself never widens them (RFC 8725, 3.1). Throws TOKEN_SIGNATURE where
 * the signature does not hold, and TOKEN_INVALID where it is none that could; `what` names the token in the
 * text.
 *
 * Ed25519, which every token of ours has, is checked by node:crypto itself: through WebCrypto, as the library
 * does it, a check takes twice the processor time, and each order makes every host of a fleet do three.
 */
export async function verifySignature(
  token: string,
  key: KeyObject,
  { algorithms, what }: { readonly algorithms: readonly string[]; readonly what: string },
): Promise<void> {
  if (key.asymmetricKeyType === 'ed25519' && algorithms.length === 1 && algorithms[0] === 'EdDSA')
    return verifyEd25519(token, key, what);
  try {
    await compactVerify(token, key, { algorithms: [...algorithms] });
  } catch (cause) {
    if (cause instanceof joseErrors.JWSSignatureVerificationFailed)
      throw new FarcallError('TOKEN_SIGNATURE', `${what}: the signature does not hold`, { cause });
    throw new FarcallError('TOKEN_INVALID', `${what}: not a compact JWS`, { cause });
  }
}

/**
 * The signature is over the text of the first two parts (RFC 7515, 5.2); PureEdDSA has no hash of its own
 * before it (RFC 8037, 3.1).
 */
function verifyEd25519(token: string, key: KeyObject, what: string): void {
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  if (end < 0) throw new FarcallError('TOKEN_INVALID', `${what}: not a compact JWS`);
  if (!verify(null, Buffer.from(token.slice(0, end), 'utf8'), key, signature))
    throw new FarcallError('TOKEN_SIGNATURE', `${what}: the signature does not hold`);
}
