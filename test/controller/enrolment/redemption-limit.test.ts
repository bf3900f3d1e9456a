import { expect, test } from 'vitest';
import { redemptionLimit } from '../../../controller/enrolment/index.ts';
import { testClock } from '../../kit/controller-kit.ts';

function takes(limit: () => void): number {
  for (let taken = 0; ; taken++) {
    try {
      limit();
    } catch (error) {
      expect(error).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
      return taken;
    }
  }
}

test('a flood of redemptions is refused, and after a while some are accepted again', () => {
  const clock = testClock();
  const limit = redemptionLimit(clock);
  expect(takes(limit)).toBe(100);
  clock.advance(1000);
  expect(takes(limit)).toBe(25);
  clock.advance(3_600_000);
  expect(takes(limit)).toBe(100);
});

test('a clock that goes back allows no more redemptions', () => {
  const clock = testClock();
  const limit = redemptionLimit(clock);
  takes(limit);
  clock.advance(-60_000);
  expect(takes(limit)).toBe(0);
});
