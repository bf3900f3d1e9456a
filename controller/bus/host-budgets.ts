import type { Clock } from '../../shared/clock/index.ts';
import type { CounterSet } from '../../shared/counters/index.ts';
import { HOST_BUDGETS, tokenBuckets } from '../../shared/limits/index.ts';
import { HOST_TOPICS, type HostTopic } from '../../shared/subjects/index.ts';
import type { Logger } from '../log/index.ts';

/** A host that is over a budget without this long a break has been over it all the time. */
const QUIET_MS = 600_000;

/**
 * A host of which this much is dropped within {@link FLOOD_WINDOW_MS} floods: no agent comes near it, because
 * agents keep to their budgets by themselves.
 */
const FLOOD = { messages: 2000, bytes: 4 << 20 };
const FLOOD_WINDOW_MS = 10_000;

/** What a host has sent over its budgets, since it first did. */
export interface OverBudget {
  readonly sinceMs: number;
  readonly lastMs: number;
  /** Messages that were dropped. */
  readonly dropped: number;
}

/** The logger, counters and clock of {@link HostBudgets}. */
export interface HostBudgetsDeps {
  readonly clock: Clock;
  readonly counters: CounterSet;
  readonly log: Logger;
  /** Called with a host that floods: once for each 2,000 messages or 4 MiB that are dropped within 10 s. */
  readonly flooded?: (host: string) => void;
}

interface Flood {
  readonly sinceMs: number;
  messages: number;
  bytes: number;
}

/**
 * Counts what each host sends against its budgets ({@link HOST_BUDGETS}).
 *
 * Threat: verifying a signature costs more than making a message. So a message over the budget is dropped by
 * the name in its subject, before anything in it is looked at. The broker lets no host use another's name.
 *
 * Threat: what is dropped was received all the same, and a flood of it keeps the connection and the event
 * loop from the messages of others. The broker cannot limit a rate, so a host that floods is reported, and
 * its login is taken off the broker.
 */
export class HostBudgets {
  readonly #deps: HostBudgetsDeps;
  readonly #buckets: ReadonlyMap<HostTopic, (host: string, sizeBytes: number) => boolean>;
  readonly #over = new Map<string, OverBudget>();
  readonly #floods = new Map<string, Flood>();

  constructor(deps: HostBudgetsDeps) {
    this.#deps = deps;
    this.#buckets = new Map(HOST_TOPICS.map(topic => [topic, this.#bucketsOf(topic)]));
  }

  /**
   * Whether a message of this size may be handled. If not, the message is counted, and the host is logged
   * once until it has kept to its budgets for ten minutes.
   */
  admits(host: string, topic: HostTopic, sizeBytes: number): boolean {
    if (this.#buckets.get(topic)?.(host, sizeBytes)) return true;
    this.#drop(host, topic, sizeBytes);
    return false;
  }

  /** Counts a message that is dropped for another reason, such as a queue that is full. */
  drop(host: string, topic: HostTopic, sizeBytes: number): void {
    this.#drop(host, topic, sizeBytes);
  }

  /** What `host` sent over its budgets; undefined if it has kept to them for ten minutes. */
  overBudget(host: string): OverBudget | undefined {
    const over = this.#over.get(host);
    return over && this.#deps.clock.nowMs() - over.lastMs < QUIET_MS ? over : undefined;
  }

  /** How many hosts are over their budgets. */
  countOver(): number {
    for (const host of this.#over.keys())
      if (!this.overBudget(host)) {
        this.#over.delete(host);
        this.#floods.delete(host);
      }
    return this.#over.size;
  }

  #bucketsOf(topic: HostTopic): (host: string, sizeBytes: number) => boolean {
    const { messages, bytes, messageBytes } = HOST_BUDGETS[topic];
    const takeMessage = tokenBuckets(this.#deps.clock, messages);
    const takeBytes = tokenBuckets(this.#deps.clock, bytes);
    return (host, sizeBytes) => takeMessage(host) && sizeBytes <= messageBytes && takeBytes(host, sizeBytes);
  }

  #drop(host: string, topic: HostTopic, sizeBytes: number): void {
    const { counters, log, clock } = this.#deps;
    const nowMs = clock.nowMs();
    counters.count(`dropped.${topic}`);
    const before = this.overBudget(host);
    this.#over.set(host, {
      sinceMs: before?.sinceMs ?? nowMs,
      lastMs: nowMs,
      dropped: (before?.dropped ?? 0) + 1,
    });
    if (!before) log.warn({ host, topic, sizeBytes }, 'host is over its budget: its messages are dropped');
    this.#countFlood(host, sizeBytes, nowMs);
  }

  #countFlood(host: string, sizeBytes: number, nowMs: number): void {
    let flood = this.#floods.get(host);
    if (!flood || Math.abs(nowMs - flood.sinceMs) >= FLOOD_WINDOW_MS) {
      flood = { sinceMs: nowMs, messages: 0, bytes: 0 };
      this.#floods.set(host, flood);
    }
    flood.messages += 1;
    flood.bytes += sizeBytes;
    if (flood.messages < FLOOD.messages && flood.bytes < FLOOD.bytes) return;
    this.#floods.delete(host);
    this.#deps.flooded?.(host);
  }
}
