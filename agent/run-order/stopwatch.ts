import type { CallTimings } from '../../shared/messages/index.ts';

type Measured = Exclude<keyof CallTimings, 'totalUs'>;

/** Measures where the time of one order goes, in whole microseconds. */
export class Stopwatch {
  readonly #startedMs = performance.now();
  readonly #parts: Record<Measured, number> = { verifyUs: 0, compileUs: 0, spawnUs: 0, loadUs: 0 };

  /** Adds the time that `step` takes to `part`, whether it returns or throws. */
  async measure<T>(part: Measured, step: () => T | Promise<T>): Promise<T> {
    const startedMs = performance.now();
    try {
      return await step();
    } finally {
      this.#parts[part] += Math.round((performance.now() - startedMs) * 1000);
    }
  }

  /** Sets the times that the loader measured. */
  setLoader({ spawnUs, loadUs }: { readonly spawnUs: number; readonly loadUs: number }): void {
    this.#parts.spawnUs = wholeUs(spawnUs);
    this.#parts.loadUs = wholeUs(loadUs);
  }

  /** The parts, and the time since this stopwatch was made. */
  timings(): CallTimings {
    return { ...this.#parts, totalUs: Math.round((performance.now() - this.#startedMs) * 1000) };
  }
}

function wholeUs(microseconds: number): number {
  return Number.isFinite(microseconds) ? Math.max(0, Math.round(microseconds)) : 0;
}
