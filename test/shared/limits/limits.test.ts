import { expect, test } from 'vitest';
import { pacer, slidingWindow, tokenBucket, tokenBuckets } from '../../../shared/limits/index.ts';

function settableClock(): { nowMs: () => number; set: (ms: number) => void } {
  let nowMs = 1000;
  return { nowMs: () => nowMs, set: ms => (nowMs = ms) };
}

test('a token bucket lets a burst pass, and one more for each token that has come back', () => {
  const clock = settableClock();
  const take = tokenBucket(clock, { burst: 3, perSecond: 2 });
  expect([take(), take(), take(), take()]).toEqual([true, true, true, false]);
  clock.set(1400);
  expect(take()).toBe(false);
  clock.set(1500);
  expect([take(), take()]).toEqual([true, false]);
});

test('a token bucket holds no more than its burst, however long nobody takes from it', () => {
  const clock = settableClock();
  const take = tokenBucket(clock, { burst: 2, perSecond: 100 });
  clock.set(1_000_000);
  expect([take(), take(), take()]).toEqual([true, true, false]);
});

test('a clock that is set back gives a token bucket no tokens', () => {
  const clock = settableClock();
  const take = tokenBucket(clock, { burst: 1, perSecond: 1 });
  expect(take()).toBe(true);
  clock.set(0);
  expect(take()).toBe(false);
});

test('one key that uses its token bucket up leaves the bucket of another key full', () => {
  const take = tokenBuckets(settableClock(), { burst: 1, perSecond: 1 });
  expect([take('a'), take('a'), take('b')]).toEqual([true, false, true]);
});

test('a sliding window counts the events of its time only', () => {
  const clock = settableClock();
  const take = slidingWindow(clock, { most: 2, windowMs: 1000 });
  expect([take(), take(), take()]).toEqual([true, true, false]);
  clock.set(1999);
  expect(take()).toBe(false);
  clock.set(2000);
  expect([take(), take(), take()]).toEqual([true, true, false]);
});

test('a token bucket gives several tokens at once, or none', () => {
  const take = tokenBuckets(settableClock(), { burst: 10, perSecond: 1 });
  expect([take('a', 6), take('a', 6), take('a', 4), take('a')]).toEqual([true, false, true, false]);
});

test('a sender that waits as a pacer says never exceeds the token bucket of the receiver', () => {
  const clock = settableClock();
  const rate = { burst: 5, perSecond: 2 };
  const [waitMs, take] = [pacer(clock, rate), tokenBucket(clock, rate)];
  let nowMs = clock.nowMs();
  for (let message = 0; message < 50; message++) {
    nowMs += waitMs();
    clock.set(nowMs);
    expect(take(), `message ${message}`).toBe(true);
  }
  expect(nowMs - 1000).toBe(((50 - rate.burst) / rate.perSecond) * 1000);
});
