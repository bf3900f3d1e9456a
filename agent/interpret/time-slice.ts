/** How long the event loop waits at most, in milliseconds: heartbeats and other results must go on. */
const SLICE_MS = 5;

/** Tells a long computation when to yield, and how long it has taken. */
export class TimeSlice {
  readonly #startedAtMs = performance.now();
  #sliceAtMs = this.#startedAtMs;

  /** Microseconds since the start. */
  get elapsedUs(): number {
    return Math.round((performance.now() - this.#startedAtMs) * 1000);
  }

  /** Whether it is time to yield. */
  get isOver(): boolean {
    return performance.now() - this.#sliceAtMs >= SLICE_MS;
  }

  /** Starts the next time slice, after yielding. */
  renew(): void {
    this.#sliceAtMs = performance.now();
  }
}
