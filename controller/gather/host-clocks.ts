import type { Clock } from '../../shared/clock/index.ts';
import { CLOCK_TOLERANCE_S } from '../../shared/tokens/index.ts';

/** How far the clock of a host is from the controller's: more than zero if it is ahead. */
export interface ClockOffset {
  readonly host: string;
  readonly offsetMs: number;
}

/** A clock that is further off than this is wrong: tokens are then too new, or too old. */
export const CLOCK_WRONG_MS = CLOCK_TOLERANCE_S * 1000;

/** A host that was not heard of for this long says nothing about its clock any more. */
const FORGET_MS = 600_000;

/**
 * The clocks of hosts, by the newest heartbeat of each that this controller has heard.
 *
 * Threat: somebody holds a heartbeat back or sends one again, and a clock looks wrong that is right. Nothing
 * is decided by these numbers. They are shown, and the next heartbeat puts them right.
 */
export class HostClocks {
  readonly #clock: Clock;
  readonly #heard = new Map<string, { readonly offsetMs: number; readonly atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes what time it was at a host when a signed message of it came. */
  note(host: string, hostTimeMs: number): void {
    const atMs = this.#clock.nowMs();
    this.#heard.set(host, { offsetMs: hostTimeMs - atMs, atMs });
  }

  /** How far a clock is off, if it is wrong; undefined if it is right, or nothing is known. */
  wrong(host: string): number | undefined {
    const offsetMs = this.#fresh(host);
    return offsetMs !== undefined && Math.abs(offsetMs) > CLOCK_WRONG_MS ? offsetMs : undefined;
  }

  /** Every clock that is wrong, by the name of its host; and how many clocks are known. */
  all(): { readonly wrong: readonly ClockOffset[]; readonly known: number } {
    const wrong: ClockOffset[] = [];
    let known = 0;
    for (const host of [...this.#heard.keys()].sort()) {
      if (this.#fresh(host) === undefined) continue;
      known += 1;
      const offsetMs = this.wrong(host);
      if (offsetMs !== undefined) wrong.push({ host, offsetMs });
    }
    return { wrong, known };
  }

  #fresh(host: string): number | undefined {
    const heard = this.#heard.get(host);
    if (heard === undefined) return undefined;
    if (this.#clock.nowMs() - heard.atMs <= FORGET_MS) return heard.offsetMs;
    this.#heard.delete(host);
    return undefined;
  }
}
