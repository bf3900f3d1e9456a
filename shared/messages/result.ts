import { z } from 'zod';
import { isErrorCode } from '../errors/index.ts';
import { OUTCOME_NAMES } from '../outcome/index.ts';
import { messageCodec } from './codec.ts';
import { bytes, checkpointToken, compactToken, digest, epochMs, hostName } from './fields.ts';
import { PROTOCOL_VERSION } from './request.ts';
import { typedValueSchema } from './typed-value.ts';

const resultRowSchema = z.object({ values: z.array(typedValueSchema).max(256) });

/** The values of one `report` of a program. */
export type ResultRow = z.infer<typeof resultRowSchema>;

const outcomeErrorSchema = z.object({
  code: z.string().refine(isErrorCode, 'an error code of shared/errors'),
  message: z.string().max(8192),
  line: z.int().optional(),
  column: z.int().optional(),
});

/** Why a call did not return. */
export type OutcomeError = z.infer<typeof outcomeErrorSchema>;

const microseconds = z.int().min(0);

const callTimingsSchema = z.object({
  verifyUs: microseconds,
  compileUs: microseconds,
  spawnUs: microseconds,
  loadUs: microseconds,
  totalUs: microseconds,
});

/** How long the parts of one call took, in microseconds. */
export type CallTimings = z.infer<typeof callTimingsSchema>;

const callHealthSchema = z.object({
  bootId: z.string().max(64),
  taintBefore: z.int().min(0),
  taintAfter: z.int().min(0),
});

/** The state of the kernel before and after a call. */
export type CallHealth = z.infer<typeof callHealthSchema>;

const callResultSchema = z.object({
  protocol: z.literal(PROTOCOL_VERSION),
  host: hostName,
  requestDigest: digest,
  attempt: z.int().min(1),
  orderId: z.string().min(1).max(128),
  outcome: z.enum(OUTCOME_NAMES),
  value: typedValueSchema.optional(),
  error: outcomeErrorSchema.optional(),
  kernelLog: z.array(z.string().max(2048)).max(256),
  timings: callTimingsSchema,
  finishedAtMs: epochMs,
  kernelRelease: z.string().max(128),
  moduleDigest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  loaderErrno: z.int().min(1).max(4095).optional(),
  rows: z.array(resultRowSchema).max(8192).optional(),
  droppedRows: z.int().min(0).optional(),
  health: callHealthSchema.optional(),
});

/** The result of one attempt of a request on one host. */
export type CallResult = z.infer<typeof callResultSchema>;

/** Codec of CallResult. */
export const callResultCodec = messageCodec('CallResult', callResultSchema);

/** Schema of {@link ResultEnvelope}. */
export const resultEnvelopeSchema = z.object({ result: bytes, signature: compactToken });

/** Codec of ResultEnvelope: the exact result bytes and the host's signature over their digest. */
export const resultEnvelopeCodec = messageCodec('ResultEnvelope', resultEnvelopeSchema);

/** A signed result on its way to the controller, and in the journal of the host. */
export type ResultEnvelope = z.infer<typeof resultEnvelopeSchema>;

/**
 * Codec of ResultCommitted: the controller says whether a result is in its store. A host only believes the
 * token in it.
 */
export const resultCommittedCodec = messageCodec(
  'ResultCommitted',
  z.object({
    resultDigest: digest,
    committed: z.boolean(),
    reason: z.string().max(1024),
    token: z.string().max(8192),
    /** The controller's newest checkpoint of its audit log; absent if it has none. */
    checkpoint: checkpointToken.optional(),
  }),
  16_384,
);
