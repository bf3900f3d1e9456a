import type { AbortedProgress } from '../../shared/messages/index.ts';
import { OUTCOMES } from '../../shared/outcome/index.ts';
import type { JournalEntry, JournalEntryOf } from './entry.ts';
import type { JournaledDenies } from './journal-records.ts';

/** Where the signed result of an outcome is: in the file, in memory (the disk failed), or dropped. */
export type ResultLocation =
  | { readonly kind: 'file'; readonly spoolOffset: number; readonly length: number }
  | { readonly kind: 'memory'; readonly envelope: Uint8Array }
  | { readonly kind: 'dropped' };

/** One outcome of an attempt; an attempt that timed out can have two. */
export interface KnownOutcome {
  readonly entry: JournalEntryOf<'outcome'>;
  location: ResultLocation;
  /** Whether the controller has said that it has this result. */
  committed: boolean;
}

/** All that is known of one attempt. */
export interface KnownAttempt {
  readonly request: string;
  readonly attempt: number;
  readonly expiresAtMs: number;
  intent: JournalEntryOf<'intent'> | undefined;
  /** Of a program that denied: that its denies are over. */
  denyEnd?: JournalEntryOf<'deny-end'>;
  readonly outcomes: KnownOutcome[];
}

/** All that is known of one request: whether any attempt ran or may have, and the newest attempt. */
export interface KnownRequest {
  readonly mayHaveRun: boolean;
  readonly newest: KnownAttempt;
}

/** Times of a journal that only go forward, in milliseconds since the epoch. */
export interface Watermarks {
  /** The latest time that a controller's signature has proved to this host. */
  readonly seenMs: number;
  /** Requests that expire by then may have been forgotten. */
  readonly forgottenMs: number;
  /** Requests that were made before then may have been begun without this journal knowing. */
  readonly restartedMs: number;
}

/** The state that the entries of a journal add up to. */
export class JournalState {
  readonly #requests = new Map<string, Map<number, KnownAttempt>>();
  readonly #outcomes = new Map<string, KnownOutcome>();
  readonly #aborts = new Map<string, JournalEntryOf<'abort'>>();
  readonly #watermarks = { seenMs: 0, forgottenMs: 0, restartedMs: 0 };

  /** Applies one entry, in the order of the file. */
  apply(
    entry: Exclude<JournalEntry, { kind: 'journal' }>,
    location: ResultLocation = { kind: 'dropped' },
  ): void {
    if (entry.kind === 'position' || entry.kind === 'incarnation' || entry.kind === 'restart') {
      this.raise(entry);
      return;
    }
    if (entry.kind === 'intent') this.raise({ seenMs: entry.seenMs });
    if (entry.kind === 'abort') {
      this.#aborts.set(entry.request, entry);
      return;
    }
    const attempt = this.#attempt(entry);
    if (entry.kind === 'intent') attempt.intent = entry;
    else if (entry.kind === 'deny-end') attempt.denyEnd = entry;
    else this.#addOutcome(attempt, { ...entry, kind: 'outcome' }, location, entry.kind === 'committed');
  }

  /** Times that only go forward. */
  get watermarks(): Watermarks {
    return this.#watermarks;
  }

  /** Raises those of the watermarks that are later here. */
  raise(times: Partial<Watermarks>): void {
    const watermarks = this.#watermarks;
    for (const name of ['seenMs', 'forgottenMs', 'restartedMs'] as const)
      watermarks[name] = Math.max(watermarks[name], times[name] ?? 0);
  }

  /** The abort of a request, if there is one. */
  abort(request: string): JournalEntryOf<'abort'> | undefined {
    return this.#aborts.get(request);
  }

  aborts(): JournalEntryOf<'abort'>[] {
    return [...this.#aborts.values()];
  }

  forgetAbort(request: string): void {
    this.#aborts.delete(request);
  }

  attempt(request: string, attempt: number): KnownAttempt | undefined {
    return this.#requests.get(request)?.get(attempt);
  }

  /** What is known of a request; undefined if no attempt of it was ever begun or answered here. */
  request(request: string): KnownRequest | undefined {
    const attempts = [...(this.#requests.get(request)?.values() ?? [])];
    const [first, ...others] = attempts;
    if (!first) return undefined;
    const newest = others.reduce((one, other) => (other.attempt > one.attempt ? other : one), first);
    return { mayHaveRun: attempts.some(mayHaveRun), newest };
  }

  /** How far a request is that is not to be begun any more: see `ABORTED_PROGRESS`. */
  progress(request: string): AbortedProgress {
    const attempts = [...(this.#requests.get(request)?.values() ?? [])];
    if (attempts.some(({ intent, outcomes }) => intent && outcomes.length === 0)) return 'running';
    return attempts.some(mayHaveRun) ? 'ended' : 'not-begun';
  }

  /** Another attempt of the same request that ran, or may have. */
  ranBefore(request: string, attempt: number): KnownAttempt | undefined {
    const others = this.#requests.get(request)?.values() ?? [];
    return [...others].find(other => other.attempt !== attempt && mayHaveRun(other));
  }

  outcome(resultDigest: string): KnownOutcome | undefined {
    return this.#outcomes.get(resultDigest);
  }

  attempts(): KnownAttempt[] {
    return [...this.#requests.values()].flatMap(attempts => [...attempts.values()]);
  }

  /** The attempts of programs that deny. */
  denying(): JournaledDenies[] {
    return this.attempts().flatMap(({ intent, denyEnd }) =>
      intent?.resident ? [{ intent, resident: intent.resident, isOver: denyEnd !== undefined }] : [],
    );
  }

  outcomes(): Iterable<KnownOutcome> {
    return this.#outcomes.values();
  }

  /** Forgets an attempt that is no longer needed; the caller decides when. */
  forget({ request, attempt, outcomes }: KnownAttempt): void {
    for (const { entry } of outcomes) this.#outcomes.delete(entry.resultDigest);
    const attempts = this.#requests.get(request);
    attempts?.delete(attempt);
    if (attempts?.size === 0) this.#requests.delete(request);
  }

  #attempt({ request, attempt, expiresAtMs }: Pick<KnownAttempt, 'request' | 'attempt' | 'expiresAtMs'>) {
    const attempts = this.#requests.get(request) ?? new Map<number, KnownAttempt>();
    this.#requests.set(request, attempts);
    const known = attempts.get(attempt) ?? { request, attempt, expiresAtMs, intent: undefined, outcomes: [] };
    attempts.set(attempt, known);
    return known;
  }

  #addOutcome(
    attempt: KnownAttempt,
    entry: JournalEntryOf<'outcome'>,
    location: ResultLocation,
    committed: boolean,
  ): void {
    const known = this.#outcomes.get(entry.resultDigest);
    if (known) {
      known.committed ||= committed;
      if (location.kind !== 'dropped') known.location = location;
      return;
    }
    const outcome: KnownOutcome = { entry, location, committed };
    attempt.outcomes.push(outcome);
    this.#outcomes.set(entry.resultDigest, outcome);
  }
}

function mayHaveRun({ intent, outcomes }: KnownAttempt): boolean {
  if (outcomes.length === 0) return intent !== undefined;
  return outcomes.some(({ entry }) => OUTCOMES[entry.outcome].mayHaveRun);
}
