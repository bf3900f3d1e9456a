import { z } from 'zod';
import { messageCodec } from './codec.ts';
import { epochMs, hostName, principalName } from './fields.ts';

/** What a lock can be on. */
export const LOCK_KINDS = ['host', 'person', 'controller'] as const;

/** One of {@link LOCK_KINDS}. */
export type LockKind = (typeof LOCK_KINDS)[number];

const lockDraftSchema = z
  .object({
    kind: z.enum(LOCK_KINDS),
    name: principalName,
    reason: z.string().trim().min(1, 'say why, for the readers of the audit log').max(1024),
  })
  .refine(({ kind, name }) => kind !== 'host' || hostName.safeParse(name).success, 'not a name of a host');

/** An operator's wish to set or end a lock. */
export type LockDraft = z.infer<typeof lockDraftSchema>;

/** Codec of {@link LockDraft}. */
export const lockDraftCodec = messageCodec('LockDraft', lockDraftSchema, 8192);

const lockViewSchema = z.object({
  kind: z.enum(LOCK_KINDS),
  name: principalName,
  reason: z.string().max(1024),
  lockedBy: principalName,
  lockedAtMs: epochMs,
  broker: z.enum(['changed', 'later', 'unable']).optional(),
});

/**
 * A lock. After a change, `broker` says whether the broker has it: `changed`; `later` if the broker could not
 * be reached, and the controller tries again; `unable` if this controller cannot take logins off the broker.
 */
export type LockView = z.infer<typeof lockViewSchema>;

/** Codec of {@link LockView}. */
export const lockViewCodec = messageCodec('LockView', lockViewSchema, 8192);

/** Codec of LocksQuery, which has no members. */
export const locksQueryCodec = messageCodec('LocksQuery', z.object({}), 16);

/** Codec of LockList: the locks that stand, the oldest first. */
export const lockListCodec = messageCodec(
  'LockList',
  z.object({ locks: z.array(lockViewSchema).max(10_000) }),
  8 << 20,
);
