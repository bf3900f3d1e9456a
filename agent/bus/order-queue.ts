import type { Logger } from 'pino';
import type { CounterSet } from '../../shared/counters/index.ts';

/** Most orders that wait while one runs. */
export const QUEUE_LIMIT = 64;

/** How the orders of a queue are run. */
export interface OrderQueueOptions {
  /** Runs one order. An error is a bug of farcall, and is logged. */
  readonly run: (envelopeBytes: Uint8Array) => Promise<void>;
  readonly counters: Pick<CounterSet, 'countAndSample'>;
  readonly log: Logger;
  readonly limit?: number;
}

/**
 * Runs one order after the other: calls into one kernel are made one at a time, so that what the kernel logs
 * during a call is due to that call. Orders over the limit are turned away; they are open at the controller,
 * and are asked for again.
 */
export class OrderQueue {
  readonly #options: OrderQueueOptions;
  readonly #waiting: Uint8Array[] = [];
  #running: Promise<void> | undefined;
  #turnedAway = false;
  #stopped = false;
  #onCapacity: (() => void) | undefined;

  constructor(options: OrderQueueOptions) {
    this.#options = options;
  }

  /** Has `listener` called whenever the queue has run empty after it turned orders away. */
  onCapacity(listener: () => void): void {
    this.#onCapacity = listener;
  }

  /** Puts an order into the queue, or turns it away. */
  take(envelopeBytes: Uint8Array): void {
    if (this.#stopped) return;
    if (this.#waiting.length >= (this.#options.limit ?? QUEUE_LIMIT)) {
      this.#turnedAway = true;
      const due = this.#options.counters.countAndSample('order.turned-away');
      if (due) this.#options.log.warn('the agent turns an order away: too many orders wait');
      return;
    }
    this.#waiting.push(envelopeBytes);
    this.#running ??= this.#runAll();
  }

  /** Resolves when no order runs or waits. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Forgets the orders that wait, and resolves when the one that runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.length = 0;
    await this.#running;
  }

  async #runAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) await this.#run(next);
    this.#running = undefined;
    if (!this.#turnedAway || this.#stopped) return;
    this.#turnedAway = false;
    this.#onCapacity?.();
  }

  async #run(envelopeBytes: Uint8Array): Promise<void> {
    try {
      await this.#options.run(envelopeBytes);
    } catch (error) {
      this.#options.log.error({ err: error }, 'an order fails by a bug of farcall');
    }
  }
}
