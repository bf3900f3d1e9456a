/** How long the event loop waits at most, in milliseconds: heartbeats and other results must go on. */
const TURN_MS = 5;

/** Tells a long work when to let others run, and how long it has taken. */
export class TimeSlice {
  readonly #startedAtMs = performance.now();
  #turnAtMs = this.#startedAtMs;

  /** Microseconds since the start. */
  get elapsedUs(): number {
    return Math.round((performance.now() - this.#startedAtMs) * 1000);
  }

  /** Whether it is time to let others run. */
  get isDue(): boolean {
    return performance.now() - this.#turnAtMs >= TURN_MS;
  }

  /** Others have run. */
  taken(): void {
    this.#turnAtMs = performance.now();
  }
}
