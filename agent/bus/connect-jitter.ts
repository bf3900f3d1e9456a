/** A function to call after each connection, and the time over which many hosts spread it. */
export interface ConnectJitterOptions {
  readonly announce: () => void;
  readonly random: () => number;
  /** `announce` is called up to this long after the connection. */
  readonly jitterMs: number;
}

/**
 * Announces this host after each connection, but not at once: a fleet that reconnects at one moment would
 * have the controller verify and store as many hellos and results at that moment.
 */
export class ConnectJitter {
  readonly #options: ConnectJitterOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ConnectJitterOptions) {
    this.#options = options;
  }

  /** To be called after each connection. */
  connected(): void {
    const { announce, random, jitterMs } = this.#options;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(announce, random() * jitterMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
