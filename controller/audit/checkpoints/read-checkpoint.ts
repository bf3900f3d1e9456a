import {
  type Keyring,
  splitCanonicalToken,
  type TokenClaims,
  verifyToken,
} from '../../../shared/tokens/index.ts';

/**
 * The claims of a checkpoint that a key in `keyring` signed. It is verified for the time at which it was
 * made: an old checkpoint proves as much as a new one. Throws the codes of tokens.
 */
export async function readCheckpoint(token: string, keyring: Keyring): Promise<TokenClaims<'checkpoint'>> {
  const issuedAtS = Number(splitCanonicalToken(token).payload['iat']);
  const { claims } = await verifyToken('checkpoint', token, { keyring, nowMs: issuedAtS * 1000 });
  return claims;
}
