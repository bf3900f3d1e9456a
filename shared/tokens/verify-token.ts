import type { KeyObject } from 'node:crypto';
import { FarcallError } from '../errors/index.ts';
import { firstIssue } from '../schema/index.ts';
import { splitCanonicalToken } from './canonical.ts';
import { TOKEN_KINDS, type TokenClaims, type TokenKind } from './kinds.ts';
import type { PasskeyUse } from './passkey-key.ts';
import { PASSKEY_ALG, PASSKEY_KINDS, verifyPasskeySignature } from './passkey-token.ts';
import { requireSite } from './site.ts';
import { verifySignature } from './verify-signature.ts';

/** When a key may sign. Without a limit, it is valid in that direction forever. */
export interface KeyValidity {
  readonly notBeforeMs?: number | undefined;
  /** The first moment at which the key is no longer valid. */
  readonly notAfterMs?: number | undefined;
}

/** A public key that may sign, and the name of its holder. */
export interface TrustedKey {
  /** Name of its holder in the trust bundle, or of a host. */
  readonly owner: string;
  readonly key: KeyObject;
  readonly validity?: KeyValidity;
  /** What the key is bound to, if it is a passkey. */
  readonly passkey?: PasskeyUse;
}

/** The keys trusted for one purpose, by key id. */
export type Keyring = ReadonlyMap<string, TrustedKey>;

/** The claims of a token whose signature and times are valid, and the key that signed it. */
export interface VerifiedToken<K extends TokenKind> {
  readonly claims: TokenClaims<K>;
  /** Holder of the key in the keyring; equal to the claim `iss`. */
  readonly signer: string;
  readonly kid: string;
}

/** How far the clocks of two machines of a fleet may differ, in seconds. */
export const CLOCK_TOLERANCE_S = 30;

/**
 * The site that a token must be for, the keys that may have signed it, and the time to compare with its
 * times.
 */
export interface VerifyTokenOptions<K extends TokenKind = TokenKind> {
  readonly site: string;
  readonly keyring: Keyring;
  readonly nowMs: number;
  /**
   * Whether a token with these claims stays in force after its end, until something else ends it. Its key
   * must be valid now all the same.
   */
  readonly isLasting?: (claims: TokenClaims<K>) => boolean;
}

/**
 * The claims of a token of `kind`, after every check has passed. Throws TOKEN_INVALID, TOKEN_KEY_UNKNOWN,
 * TOKEN_SIGNATURE, TOKEN_CLAIMS, SITE_OTHER or TOKEN_EXPIRED.
 *
 * Threats answered here, in this order: respelled tokens (canonical form); algorithm confusion, `none`, HMAC,
 * embedded or remote keys, critical extensions (the header must be exactly alg, typ and kid, with our
 * values); a token of one kind used as another (typ, audience); a key that is not trusted for this purpose
 * (kid must be in the keyring); forged or altered content (signature); a signer in another's name (iss must
 * be the holder of the key); a token of another site, where the same people have the same keys (site); stale
 * tokens (exp, nbf, longest age); a key outside its validity, both when it signed and now, because anyone who
 * finds an old key could backdate a token. RFC 8725, sections 3.1 to 3.12.
 */
export async function verifyToken<K extends TokenKind>(
  kind: K,
  token: string,
  { site, keyring, nowMs, isLasting = () => false }: VerifyTokenOptions<K>,
): Promise<VerifiedToken<K>> {
  const { header, payload } = splitCanonicalToken(token);
  const { alg, kid } = checkHeader(kind, header);
  const trusted = keyring.get(kid);
  if (!trusted)
    throw new FarcallError('TOKEN_KEY_UNKNOWN', `${TOKEN_KINDS[kind].typ}: no trusted key has the id ${kid}`);
  await checkSignature(kind, token, { alg, trusted });
  const claims = checkClaims(kind, payload);
  if (claims.iss !== trusted.owner) {
    throw new FarcallError(
      'TOKEN_CLAIMS',
      `${TOKEN_KINDS[kind].typ}: signed by ${trusted.owner}'s key in the name of ${claims.iss}`,
    );
  }
  requireSite(TOKEN_KINDS[kind].typ, claims.site, site);
  if (TOKEN_KINDS[kind].maxAgeS !== undefined)
    checkTimes(kind, claims as TimeClaims, { nowMs, isLasting: isLasting(claims) });
  for (const atMs of [claims.iat * 1000, nowMs]) checkValidity(kind, trusted, atMs);
  return { claims, signer: trusted.owner, kid };
}

/**
 * Threat: a key of one kind is used as the other: a passkey without a person, an origin or a challenge, or a
 * key in a file as if a person had been verified. So the algorithm must be that of the key.
 */
async function checkSignature(
  kind: TokenKind,
  token: string,
  { alg, trusted: { key, passkey } }: { readonly alg: string; readonly trusted: TrustedKey },
): Promise<void> {
  const { typ } = TOKEN_KINDS[kind];
  if ((alg === PASSKEY_ALG) !== (passkey !== undefined))
    throw new FarcallError('TOKEN_INVALID', `${typ}: the algorithm ${alg} is not that of the key`);
  if (passkey) verifyPasskeySignature(token, { key, use: passkey }, typ);
  else await verifySignature(token, key, { algorithms: ['EdDSA'], what: typ });
}

function checkHeader(kind: TokenKind, header: Record<string, unknown>): { alg: string; kid: string } {
  const { alg, typ, kid, ...others } = header;
  const expected = TOKEN_KINDS[kind].typ;
  const byPasskey = alg === PASSKEY_ALG && PASSKEY_KINDS.includes(kind);
  if (alg !== 'EdDSA' && !byPasskey)
    throw new FarcallError('TOKEN_INVALID', `${expected}: the algorithm must be EdDSA`);
  if (typ !== expected)
    throw new FarcallError(
      'TOKEN_CLAIMS',
      `a token of type ${String(typ)} is in the place of one of type ${expected}`,
    );
  if (typeof kid !== 'string')
    throw new FarcallError('TOKEN_INVALID', `${expected}: the header names no key`);
  const [extra] = Object.keys(others);
  if (extra !== undefined)
    throw new FarcallError('TOKEN_INVALID', `${expected}: the header may not have '${extra}'`);
  return { alg, kid };
}

function checkClaims<K extends TokenKind>(kind: K, payload: Record<string, unknown>): TokenClaims<K> {
  const { typ, aud, claims } = TOKEN_KINDS[kind];
  const parsed = claims.safeParse(payload);
  if (!parsed.success)
    throw new FarcallError('TOKEN_CLAIMS', `${typ}: ${firstIssue(parsed.error, 'claims')}`);
  if (parsed.data.aud !== aud) throw new FarcallError('TOKEN_CLAIMS', `${typ}: the audience must be ${aud}`);
  return parsed.data as TokenClaims<K>;
}

interface TimeClaims {
  readonly iat: number;
  readonly exp: number;
  readonly nbf?: number;
}

function checkTimes(
  kind: TokenKind,
  { iat, exp, nbf }: TimeClaims,
  { nowMs, isLasting }: { readonly nowMs: number; readonly isLasting: boolean },
): void {
  const { typ, maxAgeS = 0 } = TOKEN_KINDS[kind];
  const nowS = Math.floor(nowMs / 1000);
  const expired = (what: string): FarcallError => new FarcallError('TOKEN_EXPIRED', `${typ}: ${what}`);
  if (!isLasting && exp <= nowS - CLOCK_TOLERANCE_S) throw expired(`expired ${nowS - exp} s ago`);
  if (Math.max(iat, nbf ?? 0) > nowS + CLOCK_TOLERANCE_S)
    throw expired('not yet valid; are the clocks right?');
  if (!isLasting && nowS - iat > maxAgeS + CLOCK_TOLERANCE_S) throw expired(`older than ${maxAgeS} s`);
  if (exp - iat > maxAgeS) throw new FarcallError('TOKEN_CLAIMS', `${typ}: lives longer than ${maxAgeS} s`);
}

function checkValidity(kind: TokenKind, { owner, validity }: TrustedKey, atMs: number): void {
  const { notBeforeMs = 0, notAfterMs = Number.POSITIVE_INFINITY } = validity ?? {};
  // A clock may be behind by the tolerance. The end has no tolerance: it may be set because a key was stolen.
  if (atMs + CLOCK_TOLERANCE_S * 1000 >= notBeforeMs && atMs < notAfterMs) return;
  const when = new Date(atMs).toISOString();
  throw new FarcallError('TOKEN_EXPIRED', `${TOKEN_KINDS[kind].typ}: ${owner}'s key is not valid at ${when}`);
}
