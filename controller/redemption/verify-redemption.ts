import { verify } from 'node:crypto';
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
import { nkeyPublicKey } from './nkey-public-key.ts';

/** Who claims to be a host, with keys that it has proven to hold. */
export interface VerifiedClaim {
  readonly host: string;
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly nkey: string;
  /** Id of the key of its enrolment token. */
  readonly enrolmentKid: string;
}

interface SiteAndTime {
  readonly site: string;
  readonly nowMs: number;
}

/**
 * Checks everything about a redemption but whether its enrolment exists.
 *
 * Threats: somebody becomes a host without an enrolment token, or the controller that gets the redemption
 * puts a key of its own into it (the key of the token signs the claim, and its seed never leaves the
 * machine); somebody registers a key that they do not hold, such as another host's (both keys sign the claim
 * too); signatures that were made for another enrolment (the claim names the key of its token); a claim for
 * another site. Throws MESSAGE_INVALID, UNAUTHENTICATED or the token's own code.
 */
export async function verifyRedemption(redemption: Redemption, at: SiteAndTime): Promise<VerifiedClaim> {
  const { claim: bytes, enrolmentKey, enrolmentSignature, keySignature } = redemption;
  const claim = enrolmentClaimCodec.decode(bytes);
  const enrolmentJwk = publicJwkIn('Redemption.enrolmentKey', enrolmentKey);
  const enrolmentKid = keyId(enrolmentJwk);
  if (claim.enrolmentKid !== enrolmentKid)
    throw new FarcallError('UNAUTHENTICATED', 'the claim was made for another enrolment token');
  const publicJwk = publicJwkIn('EnrolmentClaim.publicKey', claim.publicKey);
  await verifyPossession(redemption, { host: claim.host, jwk: publicJwk, token: keySignature }, at);
  await verifyPossession(redemption, { host: claim.host, jwk: enrolmentJwk, token: enrolmentSignature }, at);
  verifyNkey(redemption, claim);
  return { host: claim.host, kid: keyId(publicJwk), publicJwk, nkey: claim.nkey, enrolmentKid };
}

async function verifyPossession(
  { claim: bytes }: Redemption,
  { host, jwk, token }: { readonly host: string; readonly jwk: PublicJwk; readonly token: string },
  { site, nowMs }: SiteAndTime,
): Promise<void> {
  const keyring = new Map([[keyId(jwk), { owner: host, key: publicKeyOf(jwk) }]]);
  const { claims } = await verifyToken('enrolment', token, { site, keyring, nowMs });
  if (claims.sha256 !== digestText(sha256(bytes)))
    throw new FarcallError('TOKEN_CLAIMS', `${host} signed another claim than this`);
}

function verifyNkey({ claim: bytes, nkeySignature }: Redemption, { host, nkey }: EnrolmentClaim): void {
  let holds = false;
  try {
    holds = verify(null, bytes, nkeyPublicKey(nkey), nkeySignature);
  } catch {
    // An nkey with a wrong checksum or point: no key at all.
  }
  if (!holds) throw new FarcallError('TOKEN_SIGNATURE', `${host}'s nkey did not sign this claim`);
}

function publicJwkIn(what: string, text: string): PublicJwk {
  try {
    return publicJwkSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new FarcallError('MESSAGE_INVALID', `${what}: not an Ed25519 JWK`, { cause });
  }
}
