import { rmSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FarcallError } from '../../shared/errors/index.ts';
import { type AbortedProgress, MESSAGE_LIMIT_BYTES } from '../../shared/messages/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';
import { digestText } from '../../shared/tokens/index.ts';
import type { PermittedCall } from '../policy/index.ts';
import { type AttemptKey, type AuthenticAbort, isAuthenticAbort } from '../verify/index.ts';
import { AppendFile } from './append-file.ts';
import { appendEntry, compact, positionEntry, type WrittenEntry } from './compact.ts';
import type { DecodedEntry, JournalEntry, JournalEntryOf } from './entry.ts';
import {
  denyEndEntry,
  type IntentDetails,
  intentEntry,
  type JournaledDenies,
  type JournalOptions,
  type Lifetime,
  type OutcomeRecord,
  outcomeEntry,
  type PendingResult,
} from './journal-records.ts';
import { JournalState, type KnownOutcome } from './journal-state.ts';
import { type JournaledCall, journaledCall } from './journaled-call.ts';
import { firstPosition, type JournalPosition, nextPosition } from './position.ts';
import { atPath, positionAfter, readEntry } from './read-entry.ts';
import { scanFrames } from './record-frame.ts';

/** File of the journal in the state directory. */
export const JOURNAL_FILE = 'journal';

/** Whether there is a journal in `stateDirectory` with at least one byte. */
export function hasJournal(stateDirectory: string): boolean {
  const stat = statSync(join(stateDirectory, JOURNAL_FILE), { throwIfNoEntry: false });
  return stat !== undefined && stat.size > 0;
}

/** Free disk space that an intent requires: a call that ran must find space for its outcome. */
const OUTCOME_RESERVE_BYTES = 2 * MESSAGE_LIMIT_BYTES;

/** Most aborts by one person that are remembered at a time. */
export const ABORTS_PER_PERSON = 256;

/**
 * What this host has begun, the outcomes, and which of them the controller has: in one append-only file.
 *
 * It is the record by which nothing runs twice, and the spool from which results are sent. The caller must
 * have locked the state directory (`lockState`). Every method throws JOURNAL_FAILED if the disk fails.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #state = new JournalState();
  #file: AppendFile;
  #position = firstPosition();
  #syncedPosition = this.#position;

  private constructor(options: JournalOptions, file: AppendFile) {
    this.#options = options;
    this.#file = file;
  }

  /**
   * Opens the journal of `stateDirectory`; a torn tail is cut off and logged, other damage is
   * JOURNAL_DAMAGED.
   */
  static open(options: JournalOptions): Journal {
    const path = join(options.stateDirectory, JOURNAL_FILE);
    rmSync(`${path}.new`, { force: true });
    const file = AppendFile.open(path);
    const journal = new Journal(options, file);
    try {
      journal.#replay();
    } catch (error) {
      file.close();
      throw error;
    }
    return journal;
  }

  /** Whether this attempt has been begun or answered. */
  knows({ requestDigest, attempt }: AttemptKey): boolean {
    return this.#state.attempt(digestText(requestDigest), attempt) !== undefined;
  }

  /**
   * Whether this host may try an attempt: nothing of the request ran here or may have run, no attempt of this
   * number or a higher one was answered, and the last outcome here is one of `only`. A host without an
   * outcome counts as `unreachable`, and so an order without `only` is for such hosts alone. If this is
   * false, the host has answered, and sends the same again ({@link recall}).
   *
   * Threat: a controller that was taken over or is mistaken numbers a new attempt of what has run, sends an
   * old attempt again, or orders hosts whose outcome it has wrong. Only what this host recorded itself
   * decides.
   */
  mayTry({ requestDigest, attempt }: AttemptKey, only: readonly Outcome[] = ['unreachable']): boolean {
    const known = this.#state.request(digestText(requestDigest));
    if (!known) return only.includes('unreachable');
    const { mayHaveRun, newest } = known;
    const last = newest.outcomes.at(-1)?.entry.outcome;
    return !mayHaveRun && attempt > newest.attempt && last !== undefined && only.includes(last);
  }

  /**
   * Throws ALREADY_SEEN if another attempt of the same request ran, or may have run.
   *
   * Threat: a controller that was taken over or is mistaken numbers a new attempt of what has run already. A
   * retry is only for hosts on which nothing ran, and this host's own journal decides that.
   */
  refuseIfRanBefore({ requestDigest, attempt }: AttemptKey): void {
    const other = this.#state.ranBefore(digestText(requestDigest), attempt);
    if (!other) return;
    const outcome = other.outcomes.at(-1)?.entry.outcome ?? 'not known yet';
    throw new FarcallError(
      'ALREADY_SEEN',
      `attempt ${other.attempt} of this request ran here, or may have (outcome: ${outcome})`,
    );
  }

  /**
   * Records on the disk that a request must no longer be begun; false if that was recorded already. If the
   * disk fails, this process obeys the abort nevertheless, and throws JOURNAL_FAILED.
   *
   * Threat: one stolen key aborts invented requests until the disk is full, or until true aborts no longer
   * fit. So the journal keeps at most {@link ABORTS_PER_PERSON} aborts of each person, and further ones throw
   * CONFLICT: nobody can use up the capacity of others.
   */
  abort(abort: AuthenticAbort): boolean {
    if (!isAuthenticAbort(abort))
      throw new FarcallError('INTERNAL', 'an abort reached the journal unauthenticated');
    const { requestDigest, expiresAtMs, by, reason } = abort;
    const request = digestText(requestDigest);
    if (this.#state.abort(request)) return false;
    const ownAborts = this.#state.aborts().filter(known => known.by === by).length;
    if (ownAborts >= ABORTS_PER_PERSON)
      throw new FarcallError(
        'CONFLICT',
        `${by} has aborted ${ownAborts} requests here, and may not abort more`,
      );
    const entry: JournalEntryOf<'abort'> = { kind: 'abort', request, expiresAtMs, by, reason };
    this.#state.apply(entry);
    this.#append(entry);
    return true;
  }

  /** Whether an attempt of this request was begun or answered here. */
  knowsRequest(requestDigest: Uint8Array): boolean {
    return this.#state.request(digestText(requestDigest)) !== undefined;
  }

  /** How far the call of a request is here, for a statement that its abort is obeyed. */
  progressOf(requestDigest: Uint8Array): AbortedProgress {
    return this.#state.progress(digestText(requestDigest));
  }

  /** Throws ABORTED if the request was aborted here. */
  refuseIfAborted({ requestDigest }: AttemptKey): void {
    const abort = this.#state.abort(digestText(requestDigest));
    if (!abort) return;
    throw new FarcallError('ABORTED', `the request was aborted by ${abort.by}: ${abort.reason}`);
  }

  /**
   * Throws REQUEST_EXPIRED if a request expires no later than one that this journal has forgotten, and
   * OUTCOME_UNKNOWN if it was made before this journal lost records.
   *
   * Threat: what the journal no longer has seems never to have run. See {@link compact} for the first, and
   * {@link restart} for the second.
   */
  refuseIfForgotten({ id, createdAtMs, expiresAtMs }: Lifetime): void {
    const { forgottenMs, restartedMs } = this.#state.watermarks;
    if (expiresAtMs <= forgottenMs)
      throw new FarcallError(
        'REQUEST_EXPIRED',
        `request ${id} expired so long ago that this host may have forgotten it; is the clock right?`,
      );
    if (createdAtMs <= restartedMs)
      throw new FarcallError(
        'OUTCOME_UNKNOWN',
        `request ${id} was made before ${new Date(restartedMs).toISOString()}, and records of that time may be lost ` +
          'here: it may have run, or not',
      );
  }

  /**
   * Records that records of this journal may be lost that are older than `restartedMs`, and that a person
   * lets the host go on. Requests that were made by then are not begun here.
   */
  restart(restartedMs: number): void {
    if (restartedMs <= this.#state.watermarks.restartedMs) return;
    const entry: JournalEntryOf<'restart'> = { kind: 'restart', restartedMs };
    this.#append(entry);
    this.#state.apply(entry);
  }

  /**
   * Records on the disk that this host has connected, as the incarnation of this name. The two histories of a
   * journal that was copied differ from then on.
   */
  incarnate(incarnation: string, seenMs: number): void {
    const entry: JournalEntryOf<'incarnation'> = { kind: 'incarnation', incarnation, seenMs };
    this.#append(entry);
    this.#state.apply(entry);
  }

  /** How far this journal has come on the disk. What is not on it yet may be lost, and does not count. */
  get position(): JournalPosition {
    return this.#syncedPosition;
  }

  /** The latest time that a controller's signature had proved, by the newest record of it. */
  get seenMs(): number {
    return this.#state.watermarks.seenMs;
  }

  /** How many remembered attempts were refused because approvals were missing. */
  get unapproved(): number {
    return [...this.#state.outcomes()].filter(({ entry }) => entry.unapproved).length;
  }

  /** Records on the disk that `call` is about to be loaded. From then on it counts as having run. */
  begin(call: PermittedCall, details: IntentDetails): JournaledCall {
    const { key, request } = call.order;
    if (this.knows(key)) throw new FarcallError('ALREADY_SEEN', 'this attempt was begun before');
    this.refuseIfRanBefore(key);
    this.refuseIfAborted(key);
    this.refuseIfForgotten(request);
    const journaled = journaledCall(call);
    this.#checkSpace();
    const entry = intentEntry(call, details);
    this.#append(entry);
    this.#state.apply(entry);
    return journaled;
  }

  /** Records the outcome of an attempt; its result is then pending. */
  record(record: OutcomeRecord): void {
    const entry = outcomeEntry(record);
    const { bodyOffset, bodyLength } = this.#append(entry, { body: record.envelope });
    this.#state.apply(entry, { kind: 'file', spoolOffset: bodyOffset, length: bodyLength });
  }

  /**
   * Keeps a result in memory that {@link record} could not write, so that it can still be sent. Only for
   * calls whose intent is on the disk: a refusal that the disk does not know could be followed by a run after
   * the next start.
   */
  keepUnwritten(record: OutcomeRecord): void {
    this.#state.apply(outcomeEntry(record), { kind: 'memory', envelope: record.envelope });
  }

  /** The attempts of programs that deny, those among them whose denies are over. */
  denying = (): JournaledDenies[] => this.#state.denying();

  /** Records on the disk that the denies of an attempt are over, before its module is taken out. */
  endDenies(of: JournalEntryOf<'intent'>, how: Pick<JournalEntryOf<'deny-end'>, 'why' | 'endedAtMs'>): void {
    const entry = denyEndEntry(of, how);
    this.#append(entry);
    this.#state.apply(entry);
  }

  /** Whether a person has aborted the request of these bytes, by their digest as text. */
  isAborted(request: string): boolean {
    return this.#state.abort(request) !== undefined;
  }

  /** Intents without an outcome: calls during which the agent or the host stopped. */
  interrupted(): JournalEntryOf<'intent'>[] {
    return this.#state
      .attempts()
      .filter(({ outcomes }) => outcomes.length === 0)
      .flatMap(({ intent }) => intent ?? []);
  }

  /** Results that the controller has not committed, the oldest first. */
  pending(): PendingResult[] {
    return [...this.#state.outcomes()]
      .filter(({ committed, location }) => !committed && location.kind !== 'dropped')
      .map(({ entry }) => entry);
  }

  /** The encoded ResultEnvelope of a pending result; undefined if there is none. */
  readResult(resultDigest: string): Uint8Array | undefined {
    const location = this.#state.outcome(resultDigest)?.location;
    if (location?.kind === 'file') return this.#file.read(location.spoolOffset, location.length);
    return location?.kind === 'memory' ? location.envelope : undefined;
  }

  /** Makes the results of the newest attempt at a request pending again, as far as they are still here. */
  recall({ requestDigest }: Pick<AttemptKey, 'requestDigest'>): void {
    const known = this.#state.request(digestText(requestDigest));
    for (const outcome of known?.newest.outcomes ?? [])
      outcome.committed &&= outcome.location.kind === 'dropped';
  }

  /**
   * Records that the controller has a result. Not synced: if the record is lost, the result is sent once
   * more.
   */
  commit(resultDigest: string, nowMs: number): void {
    const outcome = this.#state.outcome(resultDigest);
    if (!outcome || outcome.committed) return;
    outcome.committed = true;
    this.#append({ ...outcome.entry, kind: 'committed' }, { sync: false });
    this.compactIfDue(nowMs);
  }

  /** Compacts a file that is large and mostly obsolete. A failure is logged, and the old file stays. */
  compactIfDue(nowMs: number): void {
    const { compactAboveBytes = 4 << 20, host, log } = this.#options;
    const sizeBytes = this.#file.sizeBytes;
    if (sizeBytes < compactAboveBytes || this.#neededBytes() * 2 > sizeBytes) return;
    try {
      const position = this.#position;
      this.#file = compact({ file: this.#file, state: this.#state, host, position, nowMs });
      this.#syncedPosition = position;
      log.info({ fromBytes: sizeBytes, toBytes: this.#file.sizeBytes }, 'the agent compacted the journal');
    } catch (error) {
      log.error({ err: error }, 'the agent cannot compact the journal');
    }
  }

  /** Throws JOURNAL_FAILED if the next call could not be recorded: the disk failed before, or is full. */
  checkWritable(): void {
    this.#file.checkUsable();
    this.#checkSpace();
  }

  /** Size of the file, in bytes. */
  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  close(): void {
    this.#file.close();
  }

  #append(
    entry: Exclude<JournalEntry, { kind: 'journal' | 'position' }>,
    options: { readonly body?: Uint8Array; readonly sync?: boolean } = {},
  ): WrittenEntry {
    const written = appendEntry(this.#file, entry, options);
    this.#position = nextPosition(this.#position, written.payload);
    if (options.sync !== false) this.#syncedPosition = this.#position;
    return written;
  }

  #neededBytes(): number {
    const pendingBytes = ({ committed, location }: KnownOutcome): number =>
      !committed && location.kind === 'file' ? location.length : 0;
    const results = [...this.#state.outcomes()].reduce((sum, outcome) => sum + pendingBytes(outcome), 0);
    return results + (this.#state.attempts().length + this.#state.aborts().length) * 512;
  }

  #checkSpace(): void {
    const { bavail, bsize } = statfsSync(dirname(this.#file.path));
    if (bavail * bsize < OUTCOME_RESERVE_BYTES)
      throw new FarcallError(
        'JOURNAL_FAILED',
        `${this.#file.path}: the disk has no room left for an outcome`,
      );
  }

  #replay(): void {
    const { log, host } = this.#options;
    const { frames, endOffset, tornBytes } = atPath(this.#file.path, () => scanFrames(this.#file.readAll()));
    if (tornBytes > 0) {
      log.warn(
        { tornBytes, atByte: endOffset },
        'the agent cut off an unfinished record at the end of the journal',
      );
      this.#file.truncate(endOffset);
    }
    // If a process was killed before its fsync, what it wrote may be in the page cache only.
    this.#file.sync();
    const [first, ...others] = frames.map(frame => atPath(this.#file.path, () => readEntry(frame)));
    if (first) this.#checkOwner(first);
    else appendEntry(this.#file, { kind: 'journal', version: 1, host }, { sync: false });
    if (!others.some(({ entry }) => entry.kind === 'position'))
      appendEntry(this.#file, positionEntry(this.#position, this.#state.watermarks));
    for (const { entry, payload, bodyOffset, bodyLength } of others) {
      if (entry.kind === 'journal') continue;
      this.#position = positionAfter(this.#position, entry, payload);
      this.#state.apply(
        entry,
        entry.kind === 'outcome' ? { kind: 'file', spoolOffset: bodyOffset, length: bodyLength } : undefined,
      );
    }
    this.#syncedPosition = this.#position;
  }

  #checkOwner({ entry }: DecodedEntry): void {
    const { host } = this.#options;
    if (entry.kind === 'journal' && entry.host === host) return;
    const whose = entry.kind === 'journal' ? entry.host : 'nobody';
    throw new FarcallError(
      'JOURNAL_DAMAGED',
      `${this.#file.path} is the journal of ${whose}, not of ${host}`,
    );
  }
}
