/** Counts events by name: how many orders were refused for what, how many messages were stray. */
export class Counters {
  readonly #counts = new Map<string, number>();

  /** Adds one and returns how many there are now. */
  count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }

  /**
   * Adds one; true for the first, second, fourth, eighth … of its name. Threat: whoever can send us rubbish must not be
   * able to fill the log with it.
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
