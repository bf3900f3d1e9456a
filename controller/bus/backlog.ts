/** Messages that were received and are not handled yet. */
export interface BacklogReport {
  readonly pending: number;
  /** For how long there has been a backlog without a break, in milliseconds. */
  readonly behindMs: number;
}

/** After this time hosts send their messages again (REPLY_TIMEOUT_MS of the agent). */
const SLOW_AFTER_MS = 5000;

/**
 * Notices that messages arrive faster than they are handled. Then the queue in this process grows, and in the
 * end the broker disconnects a slow consumer. Nothing is lost, because hosts send again, but an operator
 * should know.
 */
export class Backlog {
  readonly #report: (backlog: BacklogReport) => void;
  readonly #nowMs: () => number;
  #sinceMs: number | undefined;
  #isReported = false;

  /** `report` is called once for each time that handling falls behind. `nowMs` is a monotonic clock. */
  constructor(report: (backlog: BacklogReport) => void, nowMs = (): number => performance.now()) {
    this.#report = report;
    this.#nowMs = nowMs;
  }

  /** To be called with each message; `pending` is the number of messages that wait behind it. */
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
