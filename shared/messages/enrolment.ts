import { z } from 'zod';
import { canonicalCodec } from './canonical-codec.ts';
import { messageCodec } from './codec.ts';
import {
  bytes,
  compactToken,
  epochMs,
  hostLabels,
  hostName,
  labelsNumber,
  principalName,
  requestId,
} from './fields.ts';
import { lineText } from './plain-text.ts';
import { protocolField } from './request.ts';

/**
 * The states of an enrolment. It can be redeemed only while it is `open`. It is `used` by a host, and `ended`
 * once that host was removed.
 */
export const ENROLMENT_STATES = ['open', 'used', 'ended', 'revoked', 'expired'] as const;

/** One of {@link ENROLMENT_STATES}. */
export type EnrolmentState = (typeof ENROLMENT_STATES)[number];

/** Longest life of an enrolment. */
export const ENROLMENT_LIMIT_MS = 7 * 24 * 3_600_000;

/** Longest NATS user JWT that is accepted, in characters. */
export const CREDENTIAL_LIMIT_CHARS = 4096;

/** Bytes of an enrolment's secret: the seed of the key of its token. */
export const SECRET_BYTES = 32;

/** A public nkey of a user: U and 55 characters of base32. */
const nkey = z.string().regex(/^U[A-Z2-7]{55}$/, 'a public nkey of a user');

/** A NATS user JWT; the broker checks what is in it. */
const credential = z
  .string()
  .max(CREDENTIAL_LIMIT_CHARS)
  .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/, 'a NATS user JWT');

/** The id of the key of an enrolment token: its JWK thumbprint (RFC 7638) in base64url. */
const enrolmentKid = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'the id of a key');

const claimSchema = z.object({
  protocol: protocolField,
  host: hostName,
  enrolmentKid,
  publicKey: lineText(1024),
  nkey,
});

/** The statement of a host that redeems an enrolment: its name, its public keys, and the key of its token. */
export type EnrolmentClaim = z.infer<typeof claimSchema>;

/** Codec of EnrolmentClaim. */
export const enrolmentClaimCodec = messageCodec('EnrolmentClaim', claimSchema, 4096);

const redemptionSchema = z.object({
  claim: bytes,
  enrolmentKey: lineText(1024),
  enrolmentSignature: compactToken,
  keySignature: compactToken,
  nkeySignature: bytes.refine(({ length }) => length === 64, 'an Ed25519 signature has 64 bytes'),
});

/**
 * A claim, and three signatures over it: by the key of the enrolment token, which admits it, and by both keys
 * of the host.
 */
export type Redemption = z.infer<typeof redemptionSchema>;

/** Codec of {@link Redemption}. Anyone can send one, so its limit is small. */
export const redemptionCodec = messageCodec('Redemption', redemptionSchema, 16_384);

const enrolmentReplySchema = z.object({
  host: hostName,
  labels: hostLabels,
  credential,
  natsServers: z.array(z.string().min(1).max(1024)).min(1).max(64),
  natsCa: bytes,
  roots: bytes,
});

/** The settings of a new host: its login at the broker, and the roots that it trusts. */
export type EnrolmentReply = z.infer<typeof enrolmentReplySchema>;

/** Codec of EnrolmentReply. */
export const enrolmentReplyCodec = messageCodec('EnrolmentReply', enrolmentReplySchema);

const draftSchema = z.object({
  host: hostName,
  labels: hostLabels,
  lifetimeMs: z.int().min(1000, 'at least one second').max(ENROLMENT_LIMIT_MS, 'at most seven days'),
  enrolmentKid,
});

/** An operator's request for a new host. */
export type EnrolmentDraft = z.infer<typeof draftSchema>;

/** Codec of EnrolmentDraft. An approver signs its bytes. */
export const enrolmentDraftCodec = canonicalCodec('EnrolmentDraft', draftSchema, 16_384);

const enrolmentSubmissionSchema = z.object({ draft: bytes, token: compactToken });

/** An EnrolmentDraft as bytes, and the signature of an approver over them. */
export type EnrolmentSubmission = z.infer<typeof enrolmentSubmissionSchema>;

/** Codec of {@link EnrolmentSubmission}. */
export const enrolmentSubmissionCodec = messageCodec(
  'EnrolmentSubmission',
  enrolmentSubmissionSchema,
  32_768,
);

const viewSchema = z.object({
  id: requestId,
  host: hostName,
  labels: hostLabels,
  state: z.enum(ENROLMENT_STATES),
  madeBy: principalName,
  madeAtMs: epochMs,
  expiresAtMs: epochMs,
  address: z.string().max(1024),
});

/** An enrolment as the controller stores it; nothing in it is secret. */
export type EnrolmentView = z.infer<typeof viewSchema>;

/** Codec of EnrolmentView. */
export const enrolmentViewCodec = messageCodec('EnrolmentView', viewSchema, 32_768);

/** Codec of EnrolmentsQuery, which has no members. */
export const enrolmentsQueryCodec = messageCodec('EnrolmentsQuery', z.object({}), 16);

/** Most enrolments in one EnrolmentList. */
export const ENROLMENTS_LISTED = 500;

/** Codec of EnrolmentList: enrolments, newest first. */
export const enrolmentListCodec = messageCodec(
  'EnrolmentList',
  z.object({ enrolments: z.array(viewSchema).max(ENROLMENTS_LISTED) }),
  8 << 20,
);

const enrolmentRevocationSchema = z.object({ id: requestId, token: compactToken });

/** An approver's signature that revokes the enrolment `id`. */
export type EnrolmentRevocation = z.infer<typeof enrolmentRevocationSchema>;

/** Codec of {@link EnrolmentRevocation}. */
export const enrolmentRevocationCodec = messageCodec(
  'EnrolmentRevocation',
  enrolmentRevocationSchema,
  16_384,
);

/** Codec of HostRef: names a host. */
export const hostRefCodec = messageCodec('HostRef', z.object({ host: hostName }), 256);

const hostRemovalSubmissionSchema = z.object({ host: hostName, token: compactToken });

/** An approver's signature for the removal of a host. */
export type HostRemovalSubmission = z.infer<typeof hostRemovalSubmissionSchema>;

/** Codec of {@link HostRemovalSubmission}. */
export const hostRemovalSubmissionCodec = messageCodec(
  'HostRemovalSubmission',
  hostRemovalSubmissionSchema,
  16_384,
);

const hostRemovalViewSchema = z.object({
  host: hostName,
  kid: z.string().max(64),
  labels: hostLabels,
  signatures: z.array(
    z.object({
      signer: principalName,
      reason: z.string().max(1024),
      signedAtMs: epochMs,
      endsAtMs: epochMs,
    }),
  ),
  needed: z.int().min(1),
  others: z.array(principalName),
  removed: z
    .object({ credentialUntilMs: epochMs, broker: z.enum(['changed', 'later', 'unable']) })
    .optional(),
});

/**
 * The removal of a host as it stands: whose signatures count, how many different people must sign, and who
 * else may. `removed` is there once the host is removed. Its `broker` says whether the broker refuses the
 * host now; otherwise the broker may accept its credential until `credentialUntilMs`.
 */
export type HostRemovalView = z.infer<typeof hostRemovalViewSchema>;

/** Codec of {@link HostRemovalView}. */
export const hostRemovalViewCodec = messageCodec('HostRemovalView', hostRemovalViewSchema, 1 << 20);

/** Most signatures for one change of labels. */
const LABEL_SIGNERS_MOST = 16;

/** Schema of {@link LabelsStatement}. */
export const labelsStatementSchema = z.object({
  tokens: z.array(compactToken).min(1).max(LABEL_SIGNERS_MOST),
});

/**
 * New labels of one host, as approvers signed them. It is not trusted until `verifyLabelsStatement` has
 * verified it.
 */
export type LabelsStatement = z.infer<typeof labelsStatementSchema>;

/** Codec of {@link LabelsStatement}. */
export const labelsStatementCodec = messageCodec('LabelsStatement', labelsStatementSchema, 140_000);

const hostLabelsSubmissionSchema = z.object({ host: hostName, token: compactToken });

/** An approver's signature for new labels of a host. */
export type HostLabelsSubmission = z.infer<typeof hostLabelsSubmissionSchema>;

/** Codec of {@link HostLabelsSubmission}. */
export const hostLabelsSubmissionCodec = messageCodec(
  'HostLabelsSubmission',
  hostLabelsSubmissionSchema,
  16_384,
);

const hostLabelsViewSchema = z.object({
  host: hostName,
  kid: z.string().max(64),
  labels: hostLabels,
  number: labelsNumber,
  proposals: z
    .array(
      z.object({
        labels: hostLabels,
        signer: principalName,
        reason: z.string().max(1024),
        signedAtMs: epochMs,
        endsAtMs: epochMs,
      }),
    )
    .max(1024),
  needed: z.int().min(1),
  able: z.array(principalName),
});

/**
 * The labels that a host has, how often they were changed since it was enrolled, and what people have signed
 * for the next change: all signatures that count now. `needed` different people must sign for the same
 * labels; `able` are those who may sign for this host as it is.
 */
export type HostLabelsView = z.infer<typeof hostLabelsViewSchema>;

/** Codec of {@link HostLabelsView}. */
export const hostLabelsViewCodec = messageCodec('HostLabelsView', hostLabelsViewSchema, 4 << 20);

const hostAcceptanceSubmissionSchema = z.object({ host: hostName, token: compactToken });

/** An approver's signature that lets a held host go on. */
export type HostAcceptanceSubmission = z.infer<typeof hostAcceptanceSubmissionSchema>;

/** Codec of {@link HostAcceptanceSubmission}. */
export const hostAcceptanceSubmissionCodec = messageCodec(
  'HostAcceptanceSubmission',
  hostAcceptanceSubmissionSchema,
  16_384,
);

/** Codec of HostAccepted: the host that may go on. */
export const hostAcceptedCodec = messageCodec(
  'HostAccepted',
  z.object({ host: hostName, acceptedAtMs: epochMs }),
  256,
);

/** Codec of CredentialQuery: a host asks for its next credential. */
export const credentialQueryCodec = messageCodec('CredentialQuery', z.object({ host: hostName }), 256);

/** Codec of CredentialReply: a NATS user JWT. */
export const credentialReplyCodec = messageCodec('CredentialReply', z.object({ credential }), 8192);
