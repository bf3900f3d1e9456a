/** Counts by name. */
export interface Counters {
  /** Adds one to `name`; returns the new count. */
  add(name: string): number;
  /** All counts so far. */
  all(): Readonly<Record<string, number>>;
}

/** Counters that start at nothing. */
export function createCounters(): Counters {
  const counts = new Map<string, number>();
  return {
    add(name) {
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return count;
    },
    all: () => Object.fromEntries(counts),
  };
}
