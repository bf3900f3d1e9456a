import { fromPublic } from '@nats-io/nkeys';
import { FarcallError } from '../../shared/errors/index.ts';
import { type EnrolmentClaim, enrolmentClaimCodec, type Redemption } from '../../shared/messages/index.ts';
import {
  digestText,
  keyId,
  type PublicJwk,
  publicJwkSchema,
  publicKeyOf,
  sha256,
  verifyToken,
} from '../../shared/tokens/index.ts';

/** Who claims to be a host, with keys that it has proven to hold. */
export interface VerifiedClaim {
  readonly host: string;
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly nkey: string;
  readonly secretDigest: Uint8Array;
}

/**
 * Checks everything about a redemption but whether its enrolment exists.
 *
 * Threats: somebody registers a key that they do not hold, such as another host's (both keys sign the claim);
 * signatures that were made for another enrolment (the claim names the digest of the secret); a claim for
 * another site. Throws
 * MESSAGE_INVALID, UNAUTHENTICATED or the token's own code.
 */
export async function verifyClaim(
  redemption: Redemption,
  { site, nowMs }: { readonly site: string; readonly nowMs: number },
): Promise<VerifiedClaim> {
  const { claim: bytes, secret } = redemption;
  const claim = enrolmentClaimCodec.decode(bytes);
  const secretDigest = sha256(secret);
  if (Buffer.compare(claim.secretDigest, secretDigest) !== 0)
    throw new FarcallError('UNAUTHENTICATED', 'the claim was made for another enrolment token');
  const publicJwk = publicJwkIn(claim);
  const kid = keyId(publicJwk);
  await verifyHostKey(redemption, claim, publicJwk, { site, nowMs });
  verifyNkey(redemption, claim);
  return { host: claim.host, kid, publicJwk, nkey: claim.nkey, secretDigest };
}

async function verifyHostKey(
  { claim: bytes, keySignature }: Redemption,
  { host }: EnrolmentClaim,
  publicJwk: PublicJwk,
  { site, nowMs }: { readonly site: string; readonly nowMs: number },
): Promise<void> {
  const keyring = new Map([[keyId(publicJwk), { owner: host, key: publicKeyOf(publicJwk) }]]);
  const { claims } = await verifyToken('enrolment', keySignature, { site, keyring, nowMs });
  if (claims.sha256 !== digestText(sha256(bytes)))
    throw new FarcallError('TOKEN_CLAIMS', `${host} signed another claim than this`);
}

function verifyNkey({ claim: bytes, nkeySignature }: Redemption, { host, nkey }: EnrolmentClaim): void {
  let holds = false;
  try {
    holds = fromPublic(nkey).verify(bytes, nkeySignature);
  } catch {
    // An nkey with a wrong checksum: no key at all.
  }
  if (!holds) throw new FarcallError('TOKEN_SIGNATURE', `${host}'s nkey did not sign this claim`);
}

function publicJwkIn({ publicKey }: EnrolmentClaim): PublicJwk {
  try {
    return publicJwkSchema.parse(JSON.parse(publicKey));
  } catch (cause) {
    throw new FarcallError('MESSAGE_INVALID', 'EnrolmentClaim.publicKey: not an Ed25519 JWK', { cause });
  }
}
