import type { KeyObject } from 'node:crypto';
import { compactVerify, errors as joseErrors } from 'jose';
import { FarcallError } from '../errors/index.ts';

/**
 * Checks the signature of the compact JWS `token`, and nothing else of it. `algorithms` are spelled out by the caller: what
 * the token says of itself never widens them (RFC 8725, 3.1). Throws TOKEN_SIGNATURE where the signature does not hold, and
 * TOKEN_INVALID where it is none that could; `what` names the token in the text.
 */
export async function verifySignature(
  token: string,
  key: KeyObject,
  { algorithms, what }: { readonly algorithms: readonly string[]; readonly what: string },
): Promise<void> {
  try {
    await compactVerify(token, key, { algorithms: [...algorithms] });
  } catch (cause) {
    if (cause instanceof joseErrors.JWSSignatureVerificationFailed)
      throw new FarcallError('TOKEN_SIGNATURE', `${what}: the signature does not hold`, { cause });
    throw new FarcallError('TOKEN_INVALID', `${what}: not a compact JWS`, { cause });
  }
}
