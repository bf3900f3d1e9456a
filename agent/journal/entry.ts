import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { fields } from '../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../shared/outcome/index.ts';
import { firstIssue } from '../../shared/schema/index.ts';

const digestText = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** The latest time that a controller's signature has proved to this host; see `ForwardClock`. */
const seenMs = fields.epochMs;

/** Members that say which attempt an entry is about. `expiresAtMs` is the request's own. */
const attempt = {
  request: digestText,
  attempt: z.int().min(1),
  expiresAtMs: fields.epochMs,
  /** The id of the request, for the log. */
  requestId: fields.requestId.optional(),
};

/** Present if the attempt was refused before enough approvals were found; see `giveUp` in run-order. */
const unapproved = z.literal(true).optional();

/** Why denies have ended: by life, by a person, with the boot, or because the kernel has them no more. */
export const DENY_ENDS = ['expired', 'aborted', 'reboot', 'gone'] as const;

const residentSchema = z.strictObject({
  module: z.string().max(64),
  bootId: fields.bootId,
  /** When it began, since the boot. Time asleep counts. */
  startedUptimeMs: z.int().min(0),
  denies: z
    .array(
      z.strictObject({
        function: z.string().max(1024),
        text: z.string().max(4096),
        lifeMs: z.int().min(1),
        stateAt: z.int().min(0),
        missedAt: z.int().min(0),
      }),
    )
    .min(1),
});

/** What an attempt may leave in the kernel. */
export type JournaledResident = z.infer<typeof residentSchema>;

/** The kinds of entries, by their name in the file. */
const entrySchema = z.discriminatedUnion('kind', [
  /** The first entry of the file: whose journal it is. */
  z.strictObject({ kind: z.literal('journal'), version: z.literal(1), host: fields.hostName }),
  /**
   * What this journal had come to before the next record, and what it must remember of records that it no
   * longer has. Written when the journal is made, and last when it is compacted.
   */
  z.strictObject({
    kind: z.literal('position'),
    sequence: z.int().min(0),
    head: digestText,
    seenMs,
    /** Requests that expire by then may have been forgotten. */
    forgottenMs: fields.epochMs,
    /** Requests that were made before then may have been begun without this journal knowing. */
    restartedMs: fields.epochMs,
  }),
  /** This host connected: it is another incarnation from now on. */
  z.strictObject({
    kind: z.literal('incarnation'),
    incarnation: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
    seenMs,
  }),
  /** A person lets this host go on, though records of its journal may be lost that are older than this. */
  z.strictObject({ kind: z.literal('restart'), restartedMs: fields.epochMs }),
  /** The call is about to be loaded. Synced before that happens. */
  z.strictObject({
    kind: z.literal('intent'),
    ...attempt,
    orderId: z.string(),
    startedAtMs: fields.epochMs,
    seenMs,
    kernelRelease: z.string(),
    moduleDigest: z.string().optional(),
    /** Of a program that denies: what may stay in the kernel. */
    resident: residentSchema.optional(),
  }),
  /**
   * The denies of an attempt are over, and its module is about to be taken out if it is there. Synced before
   * that happens.
   */
  z.strictObject({
    kind: z.literal('deny-end'),
    ...attempt,
    why: z.enum(DENY_ENDS),
    endedAtMs: fields.epochMs,
  }),
  /** The outcome of the attempt; the signed result follows as the body. */
  z.strictObject({
    kind: z.literal('outcome'),
    ...attempt,
    outcome: z.enum(OUTCOME_NAMES),
    resultDigest: digestText,
    unapproved,
  }),
  /** A person aborted the request: none of its attempts may be begun from now on. */
  z.strictObject({
    kind: z.literal('abort'),
    request: digestText,
    expiresAtMs: fields.epochMs,
    by: fields.principalName,
    reason: z.string().max(1024),
  }),
  /**
   * The controller has the result. This entry has all that replay protection needs, so that the result can be
   * dropped.
   */
  z.strictObject({
    kind: z.literal('committed'),
    ...attempt,
    outcome: z.enum(OUTCOME_NAMES),
    resultDigest: digestText,
    unapproved,
  }),
]);

/** One entry of the journal. */
export type JournalEntry = z.infer<typeof entrySchema>;

/** An entry of one kind. */
export type JournalEntryOf<K extends JournalEntry['kind']> = Extract<JournalEntry, { kind: K }>;

/** An entry from the file, and the offset of its body in the payload. */
export interface DecodedEntry {
  readonly entry: JournalEntry;
  readonly bodyStart: number;
}

/** The payload of a record: the length of the entry as JSON (u32, big-endian), the JSON, the body. */
export function encodeEntry(entry: JournalEntry, body: Uint8Array = new Uint8Array()): Uint8Array {
  const json = Buffer.from(JSON.stringify(entrySchema.parse(entry)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, body]);
}

/** The entry in `payload`. Throws JOURNAL_FAILED if this version does not know it. */
export function decodeEntry(payload: Uint8Array): DecodedEntry {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const bodyStart = bytes.length < 4 ? Number.POSITIVE_INFINITY : 4 + bytes.readUInt32BE(0);
  if (bodyStart > bytes.length)
    throw new FarcallError('JOURNAL_FAILED', 'an entry is longer than its record');
  const parsed = entrySchema.safeParse(parseJson(bytes.toString('utf8', 4, bodyStart)));
  if (!parsed.success) {
    const reason = firstIssue(parsed.error, 'entry');
    throw new FarcallError('JOURNAL_FAILED', `this version does not know an entry of the journal: ${reason}`);
  }
  return { entry: parsed.data, bodyStart };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FarcallError('JOURNAL_FAILED', 'an entry is not JSON', { cause });
  }
}
