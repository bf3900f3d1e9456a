import { expect, test } from 'vitest';
import { ForwardClock } from '../../../agent/journal/index.ts';
import { CLOCK_TOLERANCE_S } from '../../../shared/tokens/index.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const DAY_MS = 24 * 3_600_000;
const TOLERANCE_MS = CLOCK_TOLERANCE_S * 1000;

function clockAt(nowMs: number, seenMs = 0) {
  const machine = { now: nowMs, nowMs: () => machine.now, monotonic: 0 };
  const clock = new ForwardClock({ clock: machine, seenMs, monotonicMs: () => machine.monotonic });
  return { machine, clock };
}

test('a clock that is set back shows no time before the latest one that a controller proved', () => {
  const { machine, clock } = clockAt(NOW_MS);
  clock.see(NOW_MS);
  machine.now -= 30 * DAY_MS;
  expect(clock.nowMs()).toBe(NOW_MS - TOLERANCE_MS);
  machine.monotonic += DAY_MS;
  expect(clock.nowMs()).toBe(NOW_MS + DAY_MS - TOLERANCE_MS);
});

test('the latest time that was seen before a start counts after it', () => {
  const { clock } = clockAt(NOW_MS - 30 * DAY_MS, NOW_MS);
  expect(clock.nowMs()).toBe(NOW_MS - TOLERANCE_MS);
  clock.see(NOW_MS - DAY_MS);
  expect(clock.seenMs).toBe(NOW_MS);
});

test('a clock that was ahead once does not stay ahead', () => {
  const { machine, clock } = clockAt(NOW_MS + 3650 * DAY_MS);
  expect(clock.nowMs()).toBe(NOW_MS + 3650 * DAY_MS);
  machine.now = NOW_MS;
  expect(clock.nowMs()).toBe(NOW_MS);
});

test('a controller whose clock is ahead by the tolerance does not push the clock of a host forward', () => {
  const { clock } = clockAt(NOW_MS);
  clock.see(NOW_MS + TOLERANCE_MS);
  expect(clock.nowMs()).toBe(NOW_MS);
});
