import { type KeyObject, verify } from 'node:crypto';
import { compactVerify, errors as joseErrors } from 'jose';
import { FarcallError } from '../errors/index.ts';

/**
 * Checks only the signature of the compact JWS `token`. The caller names the `algorithms`; the header of the
 * token never adds one (RFC 8725, section 3.1). `what` names the token in errors. Throws TOKEN_SIGNATURE if
 * the signature is invalid, and TOKEN_INVALID if the text is not a compact JWS.
 *
 * Every token of ours is signed with Ed25519, which node:crypto checks directly: through WebCrypto, as the
 * library does it, a check takes twice the processor time, and each order makes every host of a fleet do
 * three.
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
      throw new FarcallError('TOKEN_SIGNATURE', `${what}: the signature is invalid`, { cause });
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
  if (end <= 0) throw new FarcallError('TOKEN_INVALID', `${what}: not a compact JWS`);
  if (!verify(null, Buffer.from(token.slice(0, end), 'utf8'), key, signature))
    throw new FarcallError('TOKEN_SIGNATURE', `${what}: the signature is invalid`);
}
