import { sign } from 'node:crypto';
import type { SignedBundle } from '../../../shared/messages/index.ts';
import { digestText, keyId, sha256 } from '../../../shared/tokens/index.ts';
import { encodeTrustBundle, type TrustBundle } from '../../../shared/trust/index.ts';
import { holderOf, KEYS, type Member } from '../cast.ts';

/** What a root's signature can be told to say wrongly. */
export interface SignatureChanges {
  readonly version?: number;
  readonly bytes?: Uint8Array;
  readonly iss?: string;
  readonly typ?: string;
  readonly aud?: string;
  readonly site?: string;
}

/**
 * A root's signature over `bundle`, written by hand from RFC 7515 and RFC 8037 and not with our own module,
 * so that both must agree on the form.
 */
export function rootSignature(bundle: TrustBundle, by: Member, changes: SignatureChanges = {}): string {
  const {
    typ = 'farcall-trust+jwt',
    aud = 'farcall-trust',
    version = bundle.version,
    site = bundle.site,
  } = changes;
  const { iss = holderOf(by), bytes = encodeTrustBundle(bundle) } = changes;
  const { publicJwk, privateKey } = KEYS[by];
  const claims = {
    iss,
    site,
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
export function signedBy(bundle: TrustBundle, ...by: Member[]): SignedBundle {
  const names: Member[] = by.length > 0 ? by : ['rob', 'rose'];
  return {
    bundle: encodeTrustBundle(bundle),
    signatures: names.map(name => rootSignature(bundle, name)),
  };
}
