import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey, errors as joseErrors, jwtVerify } from 'jose';
import { FarcallError } from '../errors/index.ts';
import { CLOCK_TOLERANCE_S } from './verify-token.ts';

/**
 * What a provider of identities says of somebody (OpenID Connect Core 1.0, section 5.1), as far as it is used
 * here.
 */
export interface IdTokenIdentity {
  /** Never given to anybody else by this provider. */
  readonly sub: string;
  /** Undefined where the provider does not say that it has verified it. */
  readonly email: string | undefined;
}

/** The keys of a provider, fetched when they are needed. */
export type ProviderKeys = JWTVerifyGetKey;

/** What an ID token must be for. */
export interface IdTokenUse {
  readonly keys: ProviderKeys;
  readonly issuer: string;
  readonly clientId: string;
  /** What the request for signing in carried. */
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

/** A token is made while one signs in. */
const LONGEST_AGE_S = 600;

/** The longest `sub` (OpenID Connect Core 1.0, section 2). */
const SUB_LIMIT_CHARS = 255;

/**
 * The keys at `address`, asked for by `fetchBounded` and kept for ten minutes; sooner where a token names an
 * unknown one.
 */
export function providerKeys(address: URL, fetchBounded: typeof fetch): ProviderKeys {
  return createRemoteJWKSet(address, { [customFetch]: fetchBounded });
}

/**
 * Whom an ID token names (OpenID Connect Core 1.0, section 3.1.3.7). Throws TOKEN_INVALID, TOKEN_CLAIMS,
 * TOKEN_EXPIRED, TOKEN_SIGNATURE, and what the fetching of keys throws.
 *
 * Threats: `none`, or HMAC with what everybody can know (only algorithms with public keys); a token for
 * another client, or of another provider; one for another sign-in, which somebody caught (the nonce is this
 * browser's); an e-mail address that its owner only claims to have.
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
