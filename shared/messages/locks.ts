import { z } from 'zod';
import { messageCodec } from './codec.ts';
import { compactToken, epochMs, principalName } from './fields.ts';

/** What a lock can be on. */
export const LOCK_KINDS = ['host', 'person', 'controller'] as const;

/** One of {@link LOCK_KINDS}. */
export type LockKind = (typeof LOCK_KINDS)[number];

const lockSubmissionSchema = z.object({ token: compactToken });

/** An approver's signature that sets a lock, or ends one. */
export type LockSubmission = z.infer<typeof lockSubmissionSchema>;

/** Codec of {@link LockSubmission}. */
export const lockSubmissionCodec = messageCodec('LockSubmission', lockSubmissionSchema, 16_384);

const lockViewSchema = z.object({
  kind: z.enum(LOCK_KINDS),
  name: principalName,
  reason: z.string().max(1024),
  lockedBy: principalName,
  lockedAtMs: epochMs,
  token: compactToken,
  broker: z.enum(['changed', 'later', 'unable']).optional(),
});

/**
 * A lock, and the token by which it was set. After a change, `broker` says whether the broker has it:
 * `changed`; `later` if the broker could not be reached, and the controller tries again; `unable` if this
 * controller cannot take logins off the broker.
 */
export type LockView = z.infer<typeof lockViewSchema>;

/** Codec of {@link LockView}. */
export const lockViewCodec = messageCodec('LockView', lockViewSchema, 16_384);

/** Codec of LocksQuery, which has no members. */
export const locksQueryCodec = messageCodec('LocksQuery', z.object({}), 16);

/** Codec of LockList: the locks that stand, the oldest first. */
export const lockListCodec = messageCodec(
  'LockList',
  z.object({ locks: z.array(lockViewSchema).max(10_000) }),
  8 << 20,
);
