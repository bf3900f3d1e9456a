import type { Clock } from '../../shared/clock/index.ts';

const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 3_600_000;

interface Failure {
  readonly problem: string;
  readonly failures: number;
  readonly notBeforeMs: number;
}

/**
 * Remembers what failed, by key, and when it may be tried again: after twice as long each time, at most an
 * hour.
 */
export class RetryBackoff {
  readonly #clock: Clock;
  readonly #failed = new Map<string, Failure>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why `key` failed last. */
  problemOf(key: string): string | undefined {
    return this.#failed.get(key)?.problem;
  }

  /** Whether `key` never failed, or may be tried again. */
  mayTry(key: string): boolean {
    return (this.#failed.get(key)?.notBeforeMs ?? 0) <= this.#clock.nowMs();
  }

  /** Whether anything may be tried again. */
  isDue(): boolean {
    return [...this.#failed.keys()].some(key => this.mayTry(key));
  }

  /** `choices`, beginning with a different one after each failure, so that all of them get their turn. */
  inTurn<T>(key: string, choices: readonly T[]): readonly T[] {
    const from = ((this.#failed.get(key)?.failures ?? 0) * 3) % Math.max(1, choices.length);
    return [...choices.slice(from), ...choices.slice(0, from)];
  }

  succeeded(key: string): void {
    this.#failed.delete(key);
  }

  failed(key: string, problem: string): void {
    const failures = (this.#failed.get(key)?.failures ?? 0) + 1;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
    this.#failed.set(key, { problem, failures, notBeforeMs: this.#clock.nowMs() + pauseMs });
  }
}
