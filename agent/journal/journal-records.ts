import type { Logger } from 'pino';
import type { Outcome } from '../../shared/outcome/index.ts';
import { digestText } from '../../shared/tokens/index.ts';
import type { PermittedCall } from '../policy/index.ts';
import type { AttemptKey } from '../verify/index.ts';
import type { JournalEntryOf, JournaledResident } from './entry.ts';

/** How to open a journal. */
export interface JournalOptions {
  readonly stateDirectory: string;
  readonly host: string;
  readonly log: Logger;
  /** Below this size the file is never compacted. */
  readonly compactAboveBytes?: number;
}

/** The details that the intent of a call records. */
export interface IntentDetails {
  readonly startedAtMs: number;
  /** The latest time that a controller's signature has proved; see `ForwardClock`. */
  readonly seenMs: number;
  readonly kernelRelease: string;
  readonly moduleDigest: string | undefined;
  /** What may stay in the kernel. */
  readonly resident?: JournaledResident | undefined;
}

/** An attempt whose program denies something. */
export interface JournaledDenies {
  readonly intent: JournalEntryOf<'intent'>;
  readonly resident: JournaledResident;
  /** Whether the journal says that they are over; the module may still be in the kernel. */
  readonly isOver: boolean;
}

/** A request by its own words: when it was made, and when it expires. */
export interface Lifetime {
  readonly id: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** An outcome and its signed result. */
export interface OutcomeRecord {
  readonly key: AttemptKey;
  /** The request's id; undefined if the journal does not have it. */
  readonly requestId: string | undefined;
  /** When the request expires; the attempt is forgotten long after that. */
  readonly expiresAtMs: number;
  readonly outcome: Outcome;
  /** Whether it was refused before enough approvals were found. */
  readonly unapproved: boolean;
  /** SHA-256 of the result in the envelope. */
  readonly resultDigest: Uint8Array;
  /** The encoded ResultEnvelope. */
  readonly envelope: Uint8Array;
}

/** A result that the controller has not committed yet. */
export interface PendingResult {
  /** SHA-256 of the result, in base64url. */
  readonly resultDigest: string;
  readonly request: string;
  readonly requestId?: string | undefined;
  readonly attempt: number;
  readonly outcome: Outcome;
}

/** The entry that records an outcome. */
export function outcomeEntry(record: OutcomeRecord): JournalEntryOf<'outcome'> {
  const { key, requestId, expiresAtMs, outcome, unapproved, resultDigest } = record;
  return {
    kind: 'outcome',
    request: digestText(key.requestDigest),
    ...(requestId !== undefined && { requestId }),
    attempt: key.attempt,
    expiresAtMs,
    outcome,
    resultDigest: digestText(resultDigest),
    ...(unapproved && { unapproved }),
  };
}

/** The entry that records that a call is about to be loaded. */
export function intentEntry(
  { order: { key, orderId, request } }: PermittedCall,
  { startedAtMs, seenMs, kernelRelease, moduleDigest, resident }: IntentDetails,
): JournalEntryOf<'intent'> {
  return {
    kind: 'intent',
    request: digestText(key.requestDigest),
    requestId: request.id,
    attempt: key.attempt,
    expiresAtMs: request.expiresAtMs,
    orderId,
    startedAtMs,
    seenMs,
    kernelRelease,
    ...(moduleDigest === undefined ? {} : { moduleDigest }),
    ...(resident && { resident }),
  };
}

/** The entry that records that the denies of an attempt are over. */
export function denyEndEntry(
  { request, requestId, attempt, expiresAtMs }: JournalEntryOf<'intent'>,
  { why, endedAtMs }: Pick<JournalEntryOf<'deny-end'>, 'why' | 'endedAtMs'>,
): JournalEntryOf<'deny-end'> {
  const about = { request, attempt, expiresAtMs, ...(requestId !== undefined && { requestId }) };
  return { kind: 'deny-end', ...about, why, endedAtMs };
}
