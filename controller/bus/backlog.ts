/** Messages that have come and are not handled yet. */
export interface BacklogReport {
  readonly pending: number;
  /** For how long there have been such without a break, in milliseconds. */
  readonly behindMs: number;
}

/** After so long hosts that sent the messages send them again (REPLY_TIMEOUT_MS of the agent). */
const SLOW_AFTER_MS = 5000;

/**
 * Notices that messages come faster than they are handled: the queue in this process grows, and in the end
 * the broker takes the connection of a slow consumer away. Nothing is lost by that, since hosts send again,
 * but somebody should know.
 */
export class Backlog {
  readonly #report: (backlog: BacklogReport) => void;
  readonly #nowMs: () => number;
  #sinceMs: number | undefined;
  #isReported = false;

  /** `report` is called once for each time that it falls behind. `nowMs` is a clock that does not jump. */
  constructor(report: (backlog: BacklogReport) => void, nowMs = (): number => performance.now()) {
    this.#report = report;
    this.#nowMs = nowMs;
  }

  /** To be told with each message how many wait behind it. */
  look(pending: number): void {
    if (pending === 0) {
      this.#sinceMs = undefined;
      this.#isReported = false;
      return;
    }
    this.#sinceMs ??= this.#nowMs();
    const behindMs = this.#nowMs() - this.#sinceMs;
    if (this.#isReported || behindMs < SLOW_AFTER_MS) return;
    this.#isReported = true;
    this.#report({ pending, behindMs: Math.round(behindMs) });
  }
}
