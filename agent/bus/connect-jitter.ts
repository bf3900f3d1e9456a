/** What an arrival takes. */
export interface ConnectJitterOptions {
  /** What to say once the moment has come. */
  readonly arrive: () => void;
  readonly random: () => number;
  /** Up to how long after a connection that moment is. */
  readonly jitterMs: number;
}

/**
 * Says what has to be said after each connection, but not at once: a fleet that reconnects at one moment would have the
 * controller verify and store as many hellos and results at that moment.
 */
export class ConnectJitter {
  readonly #options: ConnectJitterOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ConnectJitterOptions) {
    this.#options = options;
  }

  /** There is a connection, for the first time or again. */
  connected(): void {
    const { arrive, random, jitterMs } = this.#options;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(arrive, random() * jitterMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
