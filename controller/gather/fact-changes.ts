import type { Clock } from '../../shared/clock/index.ts';
import { tokenBuckets } from '../../shared/limits/index.ts';
import type { HostMessage } from '../bus/index.ts';

/** How often the facts of one host may change in the store, which writes each change to the audit log. */
const CHANGES = { burst: 10, perSecond: 1 / 600 };

/** For how long changed facts wait that came too soon after others. */
const DEFERRED_MS = 600_000;

interface Deferred {
  readonly message: HostMessage;
  readonly dueMs: number;
}

/**
 * Bounds how often the facts of a host change in the store. Of the hellos that come too soon, the newest one
 * waits: what a host says in between is merged into one change, and what it says last is never lost while
 * this controller runs. (After a restart the host says hello again.)
 *
 * Threat: one host says something else of itself all the time, and fills the audit log, which is never
 * shortened. It gets ten entries at once and then six an hour.
 */
export class FactChanges {
  readonly #clock: Clock;
  readonly #take: (host: string) => boolean;
  readonly #deferred = new Map<string, Deferred>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#take = tokenBuckets(clock, CHANGES);
  }

  /** Whether the facts of `host` may change now; counts the change. */
  mayChange(host: string): boolean {
    return this.#take(host);
  }

  /** Keeps a hello for later, in the place of an earlier one of its host. */
  defer(message: HostMessage): void {
    const dueMs = this.#deferred.get(message.host)?.dueMs ?? this.#clock.nowMs() + DEFERRED_MS;
    this.#deferred.set(message.host, { message, dueMs });
  }

  /** Forgets the hello of `host` that waits: a newer one has been stored. */
  settle(host: string): void {
    this.#deferred.delete(host);
  }

  /** Takes out the hellos that have waited long enough. */
  takeDue(): HostMessage[] {
    const nowMs = this.#clock.nowMs();
    const due = [...this.#deferred.values()].filter(({ dueMs }) => dueMs <= nowMs);
    for (const { message } of due) this.#deferred.delete(message.host);
    return due.map(({ message }) => message);
  }
}
