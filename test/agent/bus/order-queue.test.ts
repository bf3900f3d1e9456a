import { expect, test } from 'vitest';
import { OrderQueue } from '../../../agent/bus/index.ts';

/** A queue whose orders end when they are told to. */
function heldQueue(limit?: number) {
  const seen: number[] = [];
  const ends: (() => void)[] = [];
  let asked = 0;
  const queue = new OrderQueue({
    run: bytes => {
      seen.push(bytes[0]!);
      return new Promise(resolve => ends.push(resolve));
    },
    roomAgain: () => asked++,
    ...(limit === undefined ? {} : { limit }),
  });
  const push = (value: number) => queue.push(Uint8Array.of(value));
  return { queue, push, seen, ends, asked: () => asked };
}

test('orders are run one at a time, in their order', async () => {
  const { push, seen, ends, asked } = heldQueue();
  push(1);
  push(2);
  push(3);
  for (const until of [[1], [1, 2], [1, 2, 3]]) {
    await expect.poll(() => seen).toEqual(until);
    ends.at(-1)!();
  }
  expect(asked()).toBe(0);
});

test('what does not fit is turned away, and asked for when there is room', async () => {
  const { push, seen, ends, asked } = heldQueue(1);
  expect([push(1), push(2), push(3)]).toEqual([true, true, false]);
  ends[0]!();
  await expect.poll(() => seen).toEqual([1, 2]);
  ends[1]!();
  await expect.poll(asked).toBe(1);
});

test('a stop forgets what waits and awaits what runs', async () => {
  const { queue, push, seen, ends } = heldQueue();
  push(1);
  push(2);
  const stopped = queue.stop();
  expect(push(3)).toBe(false);
  ends[0]!();
  await stopped;
  expect(seen).toEqual([1]);
});
