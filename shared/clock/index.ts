/** A source of time. It is passed in, so that a test decides what time it is. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

/** The clock of the machine. */
export const systemClock: Clock = { nowMs: () => Date.now() };
