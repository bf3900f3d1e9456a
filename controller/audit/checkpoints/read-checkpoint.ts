import {
  splitCanonicalToken,
  type TokenClaims,
  type VerifyTokenOptions,
  verifyToken,
} from '../../../shared/tokens/index.ts';

/**
 * The claims of a checkpoint that a key in `keyring` signed for `site`. It is verified for the time at which
 * it was made: an old checkpoint proves as much as a new one. Throws the codes of tokens.
 */
export async function readCheckpoint(
  token: string,
  { site, keyring }: Pick<VerifyTokenOptions, 'site' | 'keyring'>,
): Promise<TokenClaims<'checkpoint'>> {
  const issuedAtS = Number(splitCanonicalToken(token).payload['iat']);
  const { claims } = await verifyToken('checkpoint', token, { site, keyring, nowMs: issuedAtS * 1000 });
  return claims;
}
