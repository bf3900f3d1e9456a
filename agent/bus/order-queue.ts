/** Most orders that wait while one is carried out. */
export const QUEUE_LIMIT = 64;

/** What a queue does with its orders. */
export interface OrderQueueOptions {
  /** Carries one order out; must not throw. */
  readonly run: (envelopeBytes: Uint8Array) => Promise<void>;
  /** Called when the queue has run empty after it had to turn orders away. */
  readonly roomAgain: () => void;
  readonly limit?: number;
}

/**
 * Lets orders wait for each other: calls into one kernel are made one at a time, so that what the kernel logs during
 * one is its own. What does not fit is turned away; such orders are open at the controller, and are asked for again.
 */
export class OrderQueue {
  readonly #options: OrderQueueOptions;
  readonly #waiting: Uint8Array[] = [];
  #running: Promise<void> | undefined;
  #turnedAway = false;
  #stopped = false;

  constructor(options: OrderQueueOptions) {
    this.#options = options;
  }

  /** Takes an order in; false where there is no room. */
  push(envelopeBytes: Uint8Array): boolean {
    if (this.#stopped) return false;
    if (this.#waiting.length >= (this.#options.limit ?? QUEUE_LIMIT)) {
      this.#turnedAway = true;
      return false;
    }
    this.#waiting.push(envelopeBytes);
    this.#running ??= this.#run();
    return true;
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

  async #run(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) await this.#options.run(next);
    this.#running = undefined;
    if (!this.#turnedAway || this.#stopped) return;
    this.#turnedAway = false;
    this.#options.roomAgain();
  }
}
