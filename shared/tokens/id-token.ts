import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey, errors as joseErrors, jwtVerify } from 'jose';
import { FarcallError } from '../errors/index.ts';
import { CLOCK_TOLERANCE_S } from './verify-token.ts';

/** The claims of an ID token that are used (OpenID Connect Core 1.0, section 5.1). */
export interface IdTokenIdentity {
  /** The provider never gives it to another person. */
  readonly sub: string;
  /** Undefined unless the provider says that it has verified the address. */
  readonly email: string | undefined;
}

/** Finds the key of a token; keys are fetched when they are needed. */
export type ProviderKeys = JWTVerifyGetKey;

/** The provider, client and sign-in that an ID token must be for. */
export interface IdTokenUse {
  readonly keys: ProviderKeys;
  readonly issuer: string;
  readonly clientId: string;
  /** The nonce of the authentication request. */
  readonly nonce: string;
  readonly nowMs: number;
}

/** Algorithms of ID tokens that are accepted: those with a public key only. */
export const ID_TOKEN_ALGORITHMS: readonly string[] = [
  'RS256',
  'PS256',
  'ES256',
  'ES384',
  'EdDSA',
  'Ed25519',
];

/** Oldest ID token that is accepted: it is made during the sign-in. */
const LONGEST_AGE_S = 600;

/** The longest `sub` (OpenID Connect Core 1.0, section 2). */
const SUB_LIMIT_CHARS = 255;

/**
 * The keys at `address`, fetched with `fetchBounded` and cached for ten minutes, or until a token names an
 * unknown one.
 */
export function providerKeys(address: URL, fetchBounded: typeof fetch): ProviderKeys {
  return createRemoteJWKSet(address, { [customFetch]: fetchBounded });
}

/**
 * The identity in an ID token (OpenID Connect Core 1.0, section 3.1.3.7). Throws TOKEN_INVALID, TOKEN_CLAIMS,
 * TOKEN_EXPIRED, TOKEN_SIGNATURE, and errors of fetching keys.
 *
 * Threats: `none`, or HMAC with a public value (only algorithms with public keys are accepted); a token for
 * another client or of another provider; a stolen token of another sign-in (the nonce belongs to this
 * browser); an e-mail address that the person only claims to have.
 */
export async function verifyIdToken(token: string, use: IdTokenUse): Promise<IdTokenIdentity> {
  const claims = await verified(token, use);
  const { sub, aud, azp, nonce, email, email_verified: isVerified } = claims;
  const wrong = (what: string): FarcallError => new FarcallError('TOKEN_CLAIMS', `the ID token: ${what}`);
  if (nonce !== use.nonce) throw wrong('its nonce is that of another sign-in');
  const hasOthers = Array.isArray(aud) && aud.length > 1;
  if ((hasOthers || azp !== undefined) && azp !== use.clientId) throw wrong('it was made for another client');
  if (typeof sub !== 'string' || sub === '' || sub.length > SUB_LIMIT_CHARS) throw wrong('it names nobody');
  return { sub, email: isVerified === true && typeof email === 'string' ? email : undefined };
}

async function verified(
  token: string,
  { keys, issuer, clientId, nowMs }: IdTokenUse,
): Promise<Record<string, unknown>> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...{
        algorithms: [...ID_TOKEN_ALGORITHMS],
        issuer,
        audience: clientId,
        requiredClaims: ['exp', 'iat', 'sub', 'nonce'],
      },
      ...{ currentDate: new Date(nowMs), clockTolerance: CLOCK_TOLERANCE_S, maxTokenAge: LONGEST_AGE_S },
    });
    return payload;
  } catch (cause) {
    if (cause instanceof FarcallError) throw cause;
    throw new FarcallError(codeOf(cause), `the ID token: ${(cause as Error).message}`, { cause });
  }
}

function codeOf(cause: unknown): 'TOKEN_EXPIRED' | 'TOKEN_CLAIMS' | 'TOKEN_SIGNATURE' | 'TOKEN_INVALID' {
  if (cause instanceof joseErrors.JWTExpired) return 'TOKEN_EXPIRED';
  if (cause instanceof joseErrors.JWTClaimValidationFailed) return 'TOKEN_CLAIMS';
  if (cause instanceof joseErrors.JWSSignatureVerificationFailed) return 'TOKEN_SIGNATURE';
  return 'TOKEN_INVALID';
}
