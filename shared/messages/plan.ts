import { z } from 'zod';
import { isErrorCode } from '../errors/index.ts';
import { VALUES_LIMIT_BYTES } from '../library/index.ts';
import { LIBRARY_LIMIT_BYTES, PROGRAM_LIMIT_BYTES } from '../limits/index.ts';
import { OUTCOME_NAMES } from '../outcome/index.ts';
import { canonicalCodec } from './canonical-codec.ts';
import { messageCodec } from './codec.ts';
import {
  bytes,
  compactToken,
  digest,
  epochMs,
  hostLabels,
  hostName,
  principalName,
  requestId,
} from './fields.ts';
import { linesText, lineText } from './plain-text.ts';
import {
  EFFECTS,
  fuelField,
  indirectCallsField,
  POLICIES,
  parameterValuesField,
  protocolField,
  signedLibraryField,
} from './request.ts';

/** Most hosts that are asked for one plan. */
export const PLAN_HOSTS_LIMIT = 64;

/** Most hosts that are asked for one kernel build. */
export const PLAN_PER_KERNEL_LIMIT = 8;

/** Most kernel builds in one plan. */
const PLAN_KERNELS_LIMIT = 4096;

/** Most questions of a program whose answers a reply has. */
export const PLAN_ANSWERS_LIMIT = 64;

/** Largest reply of a host, in bytes. */
export const PLAN_REPLY_LIMIT_BYTES = 48 << 10;

/** Longest time that a plan waits for its hosts, in milliseconds. */
export const PLAN_WAIT_LIMIT_MS = 60_000;

const SIGNED_REPLY_LIMIT_BYTES = PLAN_REPLY_LIMIT_BYTES + 8192;

const program = z
  .string()
  .min(1, 'the program is empty')
  .refine(text => Buffer.byteLength(text) <= PROGRAM_LIMIT_BYTES, `at most ${PROGRAM_LIMIT_BYTES} bytes`);
const timeoutMs = z.int().min(1).max(3_600_000, 'at most one hour');
const count = z.int().min(0);
const text = linesText(4096);

const planQuerySchema = z.object({
  protocol: protocolField,
  id: requestId,
  requester: principalName,
  program,
  effect: z.enum(EFFECTS),
  ...indirectCallsField,
  ...signedLibraryField,
  policy: z.enum(POLICIES),
  timeoutMs,
  ...fuelField,
  ...parameterValuesField,
  createdAtMs: epochMs,
  hosts: z.array(hostName).min(1).max(PLAN_HOSTS_LIMIT),
});

/** The query to the hosts: what would this program do there? */
export type PlanQuery = z.infer<typeof planQuerySchema>;

const QUERY_LIMIT_BYTES = PROGRAM_LIMIT_BYTES + LIBRARY_LIMIT_BYTES + VALUES_LIMIT_BYTES + 8192;

/** Codec of PlanQuery. */
export const planQueryCodec = messageCodec('PlanQuery', planQuerySchema, QUERY_LIMIT_BYTES);

/** Codec of PlanEnvelope: a query, and a controller's signature over it. */
export const planEnvelopeCodec = messageCodec(
  'PlanEnvelope',
  z.object({ query: bytes, token: compactToken }),
  QUERY_LIMIT_BYTES + 8192,
);

/**
 * How much a host does for a plan. `none`: nothing. `compile`: it compiles and simulates the program, and
 * reads nothing of the memory of the kernel. `read`: it reads memory too.
 */
export const PLAN_DEPTHS = ['none', 'compile', 'read'] as const;

/** One of {@link PLAN_DEPTHS}. */
export type PlanDepth = (typeof PLAN_DEPTHS)[number];

const code = z.string().refine(isErrorCode, 'an error code of shared/errors');
const location = { line: count, column: count };

const planReplySchema = z.object({
  protocol: protocolField,
  host: hostName,
  queryDigest: digest,
  kernelRelease: lineText(128),
  kernelVersion: lineText(256),
  arch: lineText(32),
  depth: z.enum(PLAN_DEPTHS),
  error: z.object({ outcome: z.enum(OUTCOME_NAMES), code, message: text }).optional(),
  refusals: z.array(z.object({ code, message: text })).max(64),
  effect: z.enum(EFFECTS).optional(),
  callees: z
    .array(z.object({ name: lineText(256), module: lineText(64).optional(), prototype: text }))
    .max(256),
  indirectCalls: z
    .array(
      z.object({
        ...location,
        prototype: text,
        permitted: z.array(lineText(256)).max(64),
        droppedPermitted: count,
      }),
    )
    .max(64),
  answers: z.array(z.object({ ...location, question: lineText(512), answer: count })).max(PLAN_ANSWERS_LIMIT),
  warnings: z.array(z.object({ ...location, message: text })).max(64),
  steps: z.array(z.object({ kind: z.enum(['call', 'write', 'watch', 'deny']), ...location, text })).max(256),
  droppedSteps: count,
  rows: z.array(text).max(128),
  droppedRows: count,
  ending: z.object({ kind: lineText(16), text }).optional(),
  notes: z.array(text).max(16),
  module: z
    .object({ sizeBytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex') })
    .optional(),
  madeAtMs: epochMs,
});

/** The reply of one host to a {@link PlanQuery}. */
export type PlanReply = z.infer<typeof planReplySchema>;

/** Codec of PlanReply. */
export const planReplyCodec = messageCodec('PlanReply', planReplySchema, {
  bytes: PLAN_REPLY_LIMIT_BYTES,
  fields: 4096,
  depth: 2,
});

const signedPlanReplySchema = z.object({
  reply: bytes.refine(
    ({ length }) => length <= PLAN_REPLY_LIMIT_BYTES,
    `at most ${PLAN_REPLY_LIMIT_BYTES} bytes`,
  ),
  signature: compactToken,
});

/** A plan reply and the host's signature over it. */
export type SignedPlanReply = z.infer<typeof signedPlanReplySchema>;

/** Codec of SignedPlanReply. */
export const signedPlanReplyCodec = messageCodec(
  'SignedPlanReply',
  signedPlanReplySchema,
  SIGNED_REPLY_LIMIT_BYTES,
);

const planKernelSchema = z.object({
  release: z.string().max(128),
  version: z.string().max(256),
  arch: z.string().max(32),
  hosts: z.int().min(1),
  asked: z.array(hostName).max(PLAN_HOSTS_LIMIT),
});

/** Expected hosts with one build of a kernel, and which of them were asked. */
export type PlanKernel = z.infer<typeof planKernelSchema>;

const planSigningSchema = z.object({
  anchor: z.string().max(256).optional(),
  ...{ enforcing: count, trusting: count, distrusting: count, silent: count },
});

/** Most hosts with changed labels that one plan names. */
export const PLAN_RELABELLED_LIMIT = 64;

const planSchema = z.object({
  query: bytes.refine(({ length }) => length <= QUERY_LIMIT_BYTES, `at most ${QUERY_LIMIT_BYTES} bytes`),
  selector: z.string().min(1).max(4096),
  expectedHosts: z.int().min(1),
  expectedHostsDigest: digest,
  kernels: z.array(planKernelSchema).min(1).max(PLAN_KERNELS_LIMIT),
  replies: z.array(signedPlanReplySchema).max(PLAN_HOSTS_LIMIT),
  signing: planSigningSchema.optional(),
  /** Those of the expected hosts whose labels people changed since their enrolment; the first by name. */
  relabelled: z
    .array(z.object({ host: hostName, labels: hostLabels, isTaken: z.boolean() }))
    .max(PLAN_RELABELLED_LIMIT),
});

/** A plan as it is stored. A request contains the SHA-256 of its bytes. */
export type Plan = z.infer<typeof planSchema>;

const PLAN_LIMIT_BYTES =
  QUERY_LIMIT_BYTES + PLAN_KERNELS_LIMIT * 512 + PLAN_HOSTS_LIMIT * SIGNED_REPLY_LIMIT_BYTES;

/** Codec of Plan: people sign its digest, so its bytes must be canonical. */
export const planCodec = canonicalCodec('Plan', planSchema, PLAN_LIMIT_BYTES);

const planDraftSchema = z.object({
  program,
  selector: z.string().min(1).max(4096),
  /** The least that a request would declare; absent: what the controller derives from the program. */
  effect: z.enum(EFFECTS).optional(),
  ...indirectCallsField,
  ...signedLibraryField,
  policy: z.enum(POLICIES),
  timeoutMs,
  ...fuelField,
  ...parameterValuesField,
  perKernel: z.int().min(1).max(PLAN_PER_KERNEL_LIMIT, `at most ${PLAN_PER_KERNEL_LIMIT}`),
  hosts: z.array(hostName).max(PLAN_HOSTS_LIMIT, `at most ${PLAN_HOSTS_LIMIT}`),
  waitMs: z.int().min(100, 'at least 100 ms').max(PLAN_WAIT_LIMIT_MS, 'at most one minute'),
});

/** What a requester submits to get a plan. */
export type PlanDraft = z.infer<typeof planDraftSchema>;

/** Codec of PlanDraft. */
export const planDraftCodec = messageCodec(
  'PlanDraft',
  planDraftSchema,
  PROGRAM_LIMIT_BYTES + LIBRARY_LIMIT_BYTES + VALUES_LIMIT_BYTES + 16_384,
);

/** Codec of PlanRef: names a plan by its id, or by its SHA-256. */
export const planRefCodec = messageCodec(
  'PlanRef',
  z
    .object({ id: requestId.optional(), digest: digest.optional() })
    .refine(ref => (ref.id === undefined) !== (ref.digest === undefined), 'either an id or a digest'),
  256,
);

const planViewSchema = z.object({ id: requestId, plan: bytes, madeBy: principalName, madeAtMs: epochMs });

/** A plan as the controller stores it; a request contains the SHA-256 of the bytes in `plan`. */
export type PlanView = z.infer<typeof planViewSchema>;

/** Codec of PlanView. */
export const planViewCodec = messageCodec('PlanView', planViewSchema, PLAN_LIMIT_BYTES + 1024);

const planEventSchema = z.object({ asked: count, answered: count, plan: planViewSchema.optional() });

/** The progress of a plan; the last event contains it. */
export type PlanEvent = z.infer<typeof planEventSchema>;

/** Codec of PlanEvent. */
export const planEventCodec = messageCodec('PlanEvent', planEventSchema, PLAN_LIMIT_BYTES + 1024);
