import { z } from 'zod';
import { PROGRAM_LIMIT_BYTES } from '../limits/index.ts';
import { messageCodec } from './codec.ts';
import { epochMs, principalName, requestId } from './fields.ts';

/**
 * Number of the protocol between controller and agents. History:
 * 1 (2026-11): first.
 */
export const PROTOCOL_VERSION = 1;

/** What a program may do at most, from least to most. */
export const EFFECTS = ['read', 'call', 'write'] as const;

/** One of {@link EFFECTS}. */
export type Effect = (typeof EFFECTS)[number];

/** Names of approval policies; the trust bundle gives each its thresholds. */
export const POLICIES = ['standard', 'emergency'] as const;

/** One of {@link POLICIES}. */
export type Policy = (typeof POLICIES)[number];

const callRequestSchema = z.object({
  protocol: z.literal(PROTOCOL_VERSION, `this side speaks protocol ${PROTOCOL_VERSION}`),
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
  createdAtMs: epochMs,
  expiresAtMs: epochMs,
  timeoutMs: z.int().min(1).max(3_600_000),
});

/** What approvers sign, decoded. Keep the bytes: their digest is what counts, and nobody encodes them again. */
export type CallRequest = z.infer<typeof callRequestSchema>;

/** Codec of CallRequest. */
export const callRequestCodec = messageCodec('CallRequest', callRequestSchema, PROGRAM_LIMIT_BYTES + 16_384);
