import { sign } from 'node:crypto';
import type { SignedBundle } from '../../shared/messages/index.ts';
import { digestText, keyId, newSigningKey, type SigningKey, sha256 } from '../../shared/tokens/index.ts';
import { encodeTrustBundle, type Roots, type TrustBundle } from '../../shared/trust/index.ts';

/** People who can be roots: `rob2` is Rob's second key, and eve is nobody's root unless a test says so. */
export type RootName = 'rob' | 'rob2' | 'rose' | 'ruth' | 'rita-root' | 'eve';

/** Keys of roots, made for each test file. */
export const ROOT_KEYS: Readonly<Record<RootName, SigningKey>> = {
  rob: newSigningKey(),
  rob2: newSigningKey(),
  rose: newSigningKey(),
  ruth: newSigningKey(),
  'rita-root': newSigningKey(),
  eve: newSigningKey(),
};

/** So many of these people, each with the key of that name. */
export function rootsOf(threshold: number, ...names: RootName[]): Roots {
  return { threshold, members: names.map(name => ({ name, keys: [ROOT_KEYS[name].publicJwk] })) };
}

/** Two of rob, rose and ruth. */
export const ROOTS: Roots = rootsOf(2, 'rob', 'rose', 'ruth');

/** What a root's signature can be told to say wrongly. */
export interface SignatureChanges {
  readonly version?: number;
  readonly bytes?: Uint8Array;
  readonly iss?: string;
  readonly typ?: string;
  readonly aud?: string;
}

/**
 * A root's signature over `bundle`, written by hand from RFC 7515 and RFC 8037 and not with our own module,
 * so that both must agree on the form.
 */
export function rootSignature(bundle: TrustBundle, by: RootName, changes: SignatureChanges = {}): string {
  const { typ = 'farcall-trust+jwt', aud = 'farcall-trust', version = bundle.version } = changes;
  const { iss = by.replace(/\d$/, ''), bytes = encodeTrustBundle(bundle) } = changes;
  const { publicJwk, privateKey } = ROOT_KEYS[by];
  const claims = {
    iss,
    iat: Math.floor(bundle.issuedAtMs / 1000),
    version,
    sha256: digestText(sha256(bytes)),
    aud,
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'EdDSA', typ, kid: keyId(publicJwk) })}.${part(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
}

/** `bundle` with signatures of rob and rose, or of whom the test names. */
export function signedBy(bundle: TrustBundle, ...by: RootName[]): SignedBundle {
  const names: RootName[] = by.length > 0 ? by : ['rob', 'rose'];
  return {
    bundle: encodeTrustBundle(bundle),
    signatures: names.map(name => rootSignature(bundle, name)),
  };
}
