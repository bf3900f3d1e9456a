import { backoffMs } from '../../shared/backoff/index.ts';
import type { Clock } from '../../shared/clock/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import type { Logger } from '../log/index.ts';
import type { AuditTable, HeldLease, LogCursorStore } from '../store/index.ts';
import { entriesFor } from './event-texts.ts';
import { ALARMS, EVENT_KINDS, type EventKind } from './kinds/index.ts';
import type { WebhookEvent } from './make-event.ts';

/** A receiver of events. */
export interface Webhook {
  readonly name: string;
  readonly kinds: readonly EventKind[] | undefined;
  /** Sends one event; throws where the receiver did not take it. */
  readonly send: (event: WebhookEvent, signal: AbortSignal) => Promise<void>;
}

/** The stores and services that {@link Delivery} uses. */
export interface DeliveryDeps {
  readonly logCursors: LogCursorStore;
  readonly makeEvent: (row: AuditTable) => Promise<WebhookEvent | undefined>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
}

/** How many events were sent, failed or dropped since this controller started. */
export interface DeliveryCounts {
  readonly sent: number;
  readonly failed: number;
  readonly dropped: number;
}

/** One round of delivery: from where the queue stands to `upToSeq`. */
export interface DeliveryRound {
  readonly lease: HeldLease;
  /** The end of the log. */
  readonly upToSeq: number;
  readonly signal: AbortSignal;
}

/** How old an event may get. After this time it is dropped, and the next one is sent. */
export const EVENT_LIFE_MS = 3 * 86_400_000;
const RETRY = { firstMs: 1000, mostMs: 3_600_000 };
const PAGE = 100;

/**
 * Sends one webhook the events of the log, in order: each one after the receiver has taken the one before. A
 * try that fails is repeated after a pause that doubles up to an hour. An event that is older than
 * {@link EVENT_LIFE_MS} is dropped.
 */
export class Delivery {
  readonly #webhook: Webhook;
  readonly #deps: DeliveryDeps;
  /** The last entry that is done with; undefined if the store must be asked. */
  #seq: number | undefined;
  /** The epoch in which `#seq` holds: anyone who sent in between moved it on. */
  #epoch = 0;
  #failures = 0;
  #retryAtMs = 0;
  #waitingSinceMs: number | undefined;
  #counts = { sent: 0, failed: 0, dropped: 0 };

  constructor(webhook: Webhook, deps: DeliveryDeps) {
    this.#webhook = webhook;
    this.#deps = deps;
  }

  get name(): string {
    return this.#webhook.name;
  }

  counts(): DeliveryCounts {
    return this.#counts;
  }

  /** How long the next event has been waiting, in milliseconds; 0 if none is. */
  waitingMs(): number {
    return this.#waitingSinceMs === undefined
      ? 0
      : Math.max(0, this.#deps.clock.nowMs() - this.#waitingSinceMs);
  }

  /** Sends what there is, up to the first failure. Throws if the store fails, or the lease is lost. */
  async run(turn: DeliveryRound): Promise<void> {
    if (this.#deps.clock.nowMs() < this.#retryAtMs) return;
    for (;;) {
      const rows = await this.#page(turn);
      for (const row of rows) if (!(await this.#process(row, turn))) return;
      if (rows.length === PAGE) continue;
      this.#seq = Math.max(this.#seq ?? 0, turn.upToSeq);
      this.#waitingSinceMs = undefined;
      return;
    }
  }

  async #page({ lease, upToSeq }: DeliveryRound): Promise<readonly AuditTable[]> {
    const { logCursors } = this.#deps;
    if (this.#seq === undefined || this.#epoch !== lease.epoch) {
      this.#seq = await logCursors.cursorOf(this.name, 'end');
      this.#epoch = lease.epoch;
    }
    const kinds = entriesFor([...(this.#webhook.kinds ?? EVENT_KINDS), ...ALARMS]);
    return logCursors.events({ kinds, afterSeq: this.#seq, upToSeq, limit: PAGE });
  }

  /** Whether the next entry may follow. */
  async #process(row: AuditTable, { lease, signal }: DeliveryRound): Promise<boolean> {
    const event = await this.#eventOf(row);
    if (event && !(await this.#deliver(event, row, signal))) return false;
    await this.#deps.logCursors.move({ name: this.name, seq: row.seq, lease });
    this.#seq = row.seq;
    this.#waitingSinceMs = undefined;
    return true;
  }

  /**
   * Undefined where the entry is none that this webhook wants. One that cannot be read must not be in the way
   * of others.
   */
  async #eventOf(row: AuditTable): Promise<WebhookEvent | undefined> {
    const { makeEvent, log } = this.#deps;
    try {
      const event = await makeEvent(row);
      const { kinds } = this.#webhook;
      const isWanted = kinds?.includes(event?.kind as EventKind) ?? true;
      return event && (isWanted || ALARMS.includes(event.kind)) ? event : undefined;
    } catch (err) {
      if (toFarcallError(err).retryable) throw err;
      this.#counts.dropped += 1;
      log.error(
        { webhook: this.name, seq: row.seq, err },
        'webhook event cannot be made from this entry: dropped',
      );
      return undefined;
    }
  }

  /** Whether the event is done with: taken, or dropped. */
  async #deliver(event: WebhookEvent, { at_ms, seq }: AuditTable, signal: AbortSignal): Promise<boolean> {
    const { clock, log } = this.#deps;
    const about = { webhook: this.name, seq, kind: event.kind };
    if (clock.nowMs() - at_ms > EVENT_LIFE_MS) {
      this.#counts.dropped += 1;
      log.error(about, 'webhook event dropped: the receiver did not take it within three days');
      return true;
    }
    this.#waitingSinceMs = at_ms;
    try {
      await this.#webhook.send(event, signal);
    } catch (err) {
      this.#failed(about, err, signal);
      return false;
    }
    this.#counts.sent += 1;
    if (this.#failures > 0)
      log.info({ ...about, failures: this.#failures }, 'webhook receiver takes events again');
    this.#failures = 0;
    return true;
  }

  #failed(about: object, err: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    const { clock, log, random } = this.#deps;
    this.#counts.failed += 1;
    this.#failures += 1;
    const retryMs = backoffMs(this.#failures, RETRY, random);
    this.#retryAtMs = clock.nowMs() + retryMs;
    const { code, message: reason } = toFarcallError(err);
    // Logged when it begins; the metrics show how it goes on.
    const level = this.#failures === 1 ? 'warn' : 'debug';
    log[level]({ ...about, code, reason, retryMs }, 'webhook receiver did not take an event: trying again');
  }
}
