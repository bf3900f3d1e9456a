/** Counts of events, by name, from the start of this process on. */
export class CounterSet {
  readonly #counts = new Map<string, number>();

  /** Adds one and returns how many there are now. */
  count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }

  /**
   * Adds one, and returns true for the first, second, fourth, eighth … of its name. Threat: anyone who can
   * send us malformed messages must not be able to fill the log with them.
   */
  countAndSample(name: string): boolean {
    const count = this.count(name);
    return Number.isInteger(Math.log2(count));
  }

  /** All counts by name. */
  all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
