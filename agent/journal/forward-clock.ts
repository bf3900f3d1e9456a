import type { Clock } from '../../shared/clock/index.ts';
import { CLOCK_TOLERANCE_S } from '../../shared/tokens/index.ts';

/** The clock of a machine, held to go forward. */
export interface ForwardClockOptions {
  readonly clock: Clock;
  /** The latest time that was seen before this start, by the journal. */
  readonly seenMs: number;
  /** Milliseconds of a clock that nobody can set. */
  readonly monotonicMs?: () => number;
}

/**
 * The clock by which a host decides. It never shows a time before the latest one that a controller's
 * signature proved, plus the time since then, less {@link CLOCK_TOLERANCE_S}.
 *
 * Threat: somebody sets the clock back (over NTP, in the firmware, by a snapshot), so that what expired is
 * valid again: requests, approvals, keys, bundles. The machine's own clock never raises the floor by itself:
 * a clock that was ahead once would otherwise make this host refuse everything until that time. A thief of a
 * controller's key can raise the floor by no more than the tolerance, since a token from the future is not
 * verified.
 */
export class ForwardClock implements Clock {
  readonly #clock: Clock;
  readonly #monotonicMs: () => number;
  #seenMs: number;
  #seenAtMs: number;

  constructor({ clock, seenMs, monotonicMs = () => performance.now() }: ForwardClockOptions) {
    this.#clock = clock;
    this.#monotonicMs = monotonicMs;
    this.#seenMs = seenMs;
    this.#seenAtMs = monotonicMs();
  }

  nowMs(): number {
    return Math.max(this.#clock.nowMs(), this.seenMs - CLOCK_TOLERANCE_S * 1000);
  }

  /** The latest time seen, and the time since then. The journal keeps it. */
  get seenMs(): number {
    return this.#seenMs + Math.max(0, Math.floor(this.#monotonicMs() - this.#seenAtMs));
  }

  /** Takes in the time `ms` of a controller's statement that was verified just now. */
  see(ms: number): void {
    if (ms <= this.seenMs) return;
    this.#seenMs = ms;
    this.#seenAtMs = this.#monotonicMs();
  }
}
