import {
  type Keyring,
  splitCanonicalToken,
  type TokenClaims,
  verifyToken,
} from '../../../shared/tokens/index.ts';

/**
 * The claims of a checkpoint by a key in `keyring`. It is looked at as of the moment at which it was made: an
 * old one proves as much as a new one. Throws the codes of tokens.
 */
export async function readCheckpoint(token: string, keyring: Keyring): Promise<TokenClaims<'checkpoint'>> {
  const issuedAtS = Number(splitCanonicalToken(token).payload['iat']);
  const { claims } = await verifyToken('checkpoint', token, { keyring, nowMs: issuedAtS * 1000 });
  return claims;
}
