import { randomBytes } from 'node:crypto';
import { createUser } from '@nats-io/nkeys';
import { redemptionOf } from '../../agent/enrol/host-keys.ts';
import { verifyRedemption } from '../../controller/redemption/index.ts';
import type { NewEnrolment } from '../../controller/store/index.ts';
import {
  type EnrolmentDraft,
  type EnrolmentSubmission,
  enrolmentDraftCodec,
  type Redemption,
  redemptionCodec,
} from '../../shared/messages/index.ts';
import { digestText, keyPairOfSeed, sha256 } from '../../shared/tokens/index.ts';
import { type HostIdentity, SITE, START_MS, tokenOf } from './cast.ts';
import { type Signer, signerOf } from './decisions.ts';

/** An enrolment as an approver makes it on their machine. */
export interface MadeEnrolment {
  /** What goes into the enrolment token. */
  readonly secret: Uint8Array;
  readonly draft: EnrolmentDraft;
  readonly submission: EnrolmentSubmission;
}

type UserKey = ReturnType<typeof createUser>;

/** When and for which site something is signed: {@link START_MS} and {@link SITE} unless told otherwise. */
interface Signing {
  readonly nowMs?: number;
  readonly site?: string;
}

/** An enrolment that `by` signs, for an hour. */
export async function enrolmentOf(
  by: Signer,
  {
    host,
    nowMs = START_MS,
    site = SITE,
    ...changes
  }: Partial<EnrolmentDraft> & { readonly host: string } & Signing,
): Promise<MadeEnrolment> {
  const secret = randomBytes(32);
  const fresh = {
    labels: {},
    lifetimeMs: 3_600_000,
    enrolmentKid: keyPairOfSeed(secret).kid,
  };
  const draft = { ...fresh, host, ...changes };
  const bytes = enrolmentDraftCodec.encode(draft);
  const { name: iss, key } = signerOf(by);
  const iat = Math.floor(nowMs / 1000);
  const content = { iss, site, iat, exp: iat + 600, sha256: digestText(sha256(bytes)) };
  return { secret, draft, submission: { draft: bytes, token: await tokenOf('hostEnrolment', content, key) } };
}

/** The same as the store takes it, once it is verified. */
export async function newEnrolmentOf(
  by: Signer,
  { id, ...wish }: Parameters<typeof enrolmentOf>[1] & { readonly id: string },
): Promise<NewEnrolment & { readonly secret: Uint8Array }> {
  const { secret, draft, submission } = await enrolmentOf(by, wish);
  const { name: madeBy } = signerOf(by);
  const proof = { ...submission, submittedBy: madeBy, trustVersion: 3 };
  return { ...draft, id, madeBy, proof, secret };
}

/** A host's redemption of the enrolment with this secret. */
export function redemptionBy(
  { name: host, key }: HostIdentity,
  secret: Uint8Array,
  { nowMs = START_MS, site = SITE, nkey = createUser() }: Signing & { readonly nkey?: UserKey } = {},
): Promise<Redemption> {
  return redemptionOf({ host, site, secret }, { key, nkey }, { nowMs: () => nowMs });
}

/** What the store takes of a host that redeems the enrolment with this secret. */
export async function hostKeysBy(
  host: HostIdentity,
  secret: Uint8Array,
  { nowMs = START_MS, site = SITE, ...nkey }: Signing & { readonly nkey?: UserKey } = {},
) {
  const redemption = await redemptionBy(host, secret, { nowMs, site, ...nkey });
  const claim = await verifyRedemption(redemption, { site, nowMs });
  return { ...claim, redemption: redemptionCodec.encode(redemption) };
}
