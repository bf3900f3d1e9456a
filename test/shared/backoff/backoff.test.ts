import { expect, test } from 'vitest';
import { backoffMs } from '../../../shared/backoff/index.ts';

const BACKOFF = { firstMs: 100, mostMs: 1000 };

test.each([
  [1, 100],
  [2, 200],
  [3, 400],
  [4, 800],
  [5, 1000],
  [1000, 1000],
])('failure %i waits for half to all of %i ms', (failures, fullMs) => {
  expect(backoffMs(failures, BACKOFF, () => 0)).toBe(fullMs / 2);
  expect(backoffMs(failures, BACKOFF, () => 0.999999)).toBe(fullMs);
});
