/** Counts of events, by name, since this process started. */
export class CounterSet {
  readonly #counts = new Map<string, number>();

  /** Adds one to `name` and returns the new count. */
  count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }

  /**
   * Adds one to `name`, and returns true for the first, second, fourth, eighth … event. Threat: somebody who
   * sends us malformed messages fills the log with them.
   */
  countAndSample(name: string): boolean {
    const count = this.count(name);
    return Number.isInteger(Math.log2(count));
  }

  /** Every count by its name. */
  all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
