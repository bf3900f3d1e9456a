import {
  splitCanonicalToken,
  type TokenClaims,
  type VerifyTokenOptions,
  verifyToken,
} from '../../../shared/tokens/index.ts';

/**
 * The claims of a witness's statement that a key in `keyring` signed for `site`. Without `nowMs`, it is
 * verified for the time at which it was made: an old statement proves as much as a new one. Throws the codes
 * of tokens.
 */
export async function readStatement(
  token: string,
  {
    site,
    keyring,
    nowMs,
  }: Pick<VerifyTokenOptions, 'site' | 'keyring'> & { readonly nowMs?: number | undefined },
): Promise<TokenClaims<'witness'>> {
  const madeAtMs = Number(splitCanonicalToken(token).payload['iat']) * 1000;
  const { claims } = await verifyToken('witness', token, { site, keyring, nowMs: nowMs ?? madeAtMs });
  return claims;
}
