import { z } from 'zod';
import { parameterValues, VALUES_LIMIT_BYTES } from '../library/index.ts';
import { LIBRARY_LIMIT_BYTES, PROGRAM_LIMIT_BYTES } from '../limits/index.ts';
import { OUTCOME_NAMES } from '../outcome/index.ts';
import { canonicalCodec } from './canonical-codec.ts';
import { digest, epochMs, principalName, requestId, siteId } from './fields.ts';

/**
 * Number of the protocol between controller and agents. History:
 * 1 (2026-11): first.
 */
export const PROTOCOL_VERSION = 1;

/** The member `protocol` of a message: what the other side speaks. docs/guide/upgrade.md has the rule. */
export const protocolField = z.literal(PROTOCOL_VERSION, `this side speaks protocol ${PROTOCOL_VERSION}`);

/** The most that a program may do, from least to most. */
export const EFFECTS = ['read', 'watch', 'call', 'write', 'deny'] as const;

/** One of {@link EFFECTS}. */
export type Effect = (typeof EFFECTS)[number];

/** Whether `effect` is more than `declared`: read < watch < call < write < deny. */
export function exceedsEffect(effect: Effect, declared: Effect): boolean {
  return EFFECTS.indexOf(effect) > EFFECTS.indexOf(declared);
}

/** Names of approval policies; the trust bundle gives each its thresholds. */
export const POLICIES = ['standard', 'emergency'] as const;

/** One of {@link POLICIES}. */
export type Policy = (typeof POLICIES)[number];

/** Longest bake of a wave, and longest wait for its hosts, in milliseconds. */
const PATIENCE_LIMIT_MS = 7 * 24 * 3_600_000;

/** Most waves of one rollout. */
export const WAVES_LIMIT = 100;

/** Size of a wave: a count, a percentage of all expected hosts, or all that remain. */
const waveSize = z
  .string()
  .regex(/^([1-9][0-9]{0,8}|(100|[1-9][0-9]?)%|rest)$/, "a wave's size is 5, 10% or rest");

const rolloutSchema = z.object({
  waves: z
    .array(
      z.object({
        size: waveSize,
        selector: z.string().min(1).max(4096).optional(),
        bakeMs: z.int().min(0).max(PATIENCE_LIMIT_MS),
        manual: z.boolean(),
      }),
    )
    .min(1, 'a rollout needs a wave')
    .max(WAVES_LIMIT),
  gate: z.object({
    maxFailedHosts: z.int().min(0).max(0xffff_ffff),
    maxFailedPermille: z.int().min(0).max(1000),
    failing: z.array(z.enum(OUTCOME_NAMES)).max(OUTCOME_NAMES.length),
    health: z.boolean(),
    /** Whether a wave passes on which no host could do anything: see `idleProblem` in shared/rollout. */
    notApplicableOk: z.boolean(),
  }),
  answerWithinMs: z.int().min(1000, 'at least one second').max(PATIENCE_LIMIT_MS),
});

/** How a request goes through its hosts. */
export type Rollout = z.infer<typeof rolloutSchema>;

/** One wave of a {@link Rollout}, as the requester wrote it. */
export type WaveSpec = Rollout['waves'][number];

/** The limits at which a {@link Rollout} stops. */
export type Gate = Rollout['gate'];

/** Schema of the member about calls through pointers that drafts, requests and plans share. */
export const indirectCallsField = {
  /**
   * Whether the program may call through pointers whose functions it does not name, or pass such pointers
   * on; absent: no. A host refuses a program that does more than its request declares.
   */
  indirectCalls: z.boolean().optional(),
};

/** Turns that the loops of a program may make in all, where its request does not say another number. */
export const FUEL_DEFAULT = 10_000_000;

/**
 * The most that a request may say: at some ten nanoseconds a turn, still below the 20 s after which the
 * kernel reports a soft lockup.
 */
export const FUEL_LIMIT = 1_000_000_000;

/** Schema of the member about loops that drafts, requests and plans share. */
export const fuelField = {
  /**
   * Turns that loops may make in all; absent: {@link FUEL_DEFAULT}. A host's policy has a limit of its own.
   */
  fuel: z.int().min(1).max(FUEL_LIMIT, `at most ${FUEL_LIMIT} turns`).optional(),
};

/**
 * Schema of the member with the part of the library that a program uses: drafts, requests and plans have it.
 */
export const signedLibraryField = {
  /** Definitions of farcall's C library that hosts compile before the program; absent: it uses none. */
  library: z
    .string()
    .min(1)
    .refine(text => Buffer.byteLength(text) <= LIBRARY_LIMIT_BYTES, `at most ${LIBRARY_LIMIT_BYTES} bytes`)
    .optional(),
};

/** Schema of the member with the values of parameters that drafts, requests and plans share. */
export const parameterValuesField = {
  /** Canonical JSON, see `parameterValuesText`; absent: each parameter is at its preset. */
  values: z
    .string()
    .refine(text => parameterValues(text) !== undefined, 'the values of parameters are not canonical JSON')
    .optional(),
};

/** Schemas of the members about rollouts that a draft and a request share. */
export const rolloutFields = {
  /** Absent: one wave of all expected hosts. */
  rollout: rolloutSchema.optional(),
  /** Whether hosts that were enrolled after the request was made may run it; absent: no. */
  lateJoiners: z.boolean().optional(),
};

const callRequestSchema = z.object({
  protocol: protocolField,
  id: requestId,
  requester: principalName,
  program: z
    .string()
    .min(1)
    .refine(text => Buffer.byteLength(text) <= PROGRAM_LIMIT_BYTES, `at most ${PROGRAM_LIMIT_BYTES} bytes`),
  selector: z.string().min(1).max(4096),
  reason: z.string().max(4096),
  policy: z.enum(POLICIES),
  effect: z.enum(EFFECTS),
  ...indirectCallsField,
  createdAtMs: epochMs,
  expiresAtMs: epochMs,
  timeoutMs: z.int().min(1).max(3_600_000),
  ...fuelField,
  ...parameterValuesField,
  ...rolloutFields,
  /** SHA-256 of the plan that was shown; absent if there was none. */
  planDigest: digest.optional(),
  /** How many hosts were selected when the request was made, and the SHA-256 over their names. */
  expectedHosts: z.int().min(1).optional(),
  expectedHostsDigest: digest.optional(),
  ...signedLibraryField,
  /** The site in the trust bundle. At another site the request means nothing, whatever hosts it names. */
  site: siteId,
});

/** A request, decoded. Keep the bytes: approvers sign their digest, and nobody encodes them again. */
export type CallRequest = z.infer<typeof callRequestSchema>;

/** Codec of CallRequest: people sign its bytes, so they must be canonical. */
export const callRequestCodec = canonicalCodec(
  'CallRequest',
  callRequestSchema,
  PROGRAM_LIMIT_BYTES + LIBRARY_LIMIT_BYTES + VALUES_LIMIT_BYTES + 16_384,
);
