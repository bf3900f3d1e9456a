import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PacedReload } from '../../../../controller/console/web/api/paced-reload.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A reload that takes `durationMs`, and how often it began. */
function slowReload(durationMs: number) {
  const reload = vi.fn(() => new Promise<void>(resolve => setTimeout(resolve, durationMs)));
  return { reload, paced: new PacedReload(reload) };
}

test('requests during a reload and the pause after it cause one more reload together', async () => {
  const { reload, paced } = slowReload(100);
  for (let request = 0; request < 10; request++) paced.request();
  expect(reload).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(100);
  paced.request();
  await vi.advanceTimersByTimeAsync(499);
  expect(reload).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(reload).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(reload).toHaveBeenCalledTimes(2);
});

test('a reload that was stopped is not followed by another one', async () => {
  const { reload, paced } = slowReload(100);
  paced.request();
  paced.request();
  paced.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(reload).toHaveBeenCalledTimes(1);
});
