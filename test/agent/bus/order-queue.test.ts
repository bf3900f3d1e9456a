import pino from 'pino';
import { expect, test } from 'vitest';
import { OrderQueue } from '../../../agent/bus/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';

/** A queue whose orders end when they are told to. */
function heldQueue(limit?: number) {
  const seen: number[] = [];
  const ends: (() => void)[] = [];
  let asked = 0;
  const counters = new CounterSet();
  const queue = new OrderQueue({
    run: bytes => {
      seen.push(bytes[0]!);
      return new Promise(resolve => ends.push(resolve));
    },
    counters,
    log: pino({ level: 'silent' }),
    ...(limit === undefined ? {} : { limit }),
  });
  queue.onCapacity(() => asked++);
  const take = (value: number) => queue.take(Uint8Array.of(value));
  const turnedAway = () => counters.all()['order.turned-away'] ?? 0;
  return { queue, take, seen, ends, asked: () => asked, turnedAway };
}

test('orders are run one at a time, in their order', async () => {
  const { take, seen, ends, asked } = heldQueue();
  take(1);
  take(2);
  take(3);
  for (const until of [[1], [1, 2], [1, 2, 3]]) {
    await expect.poll(() => seen).toEqual(until);
    ends.at(-1)!();
  }
  expect(asked()).toBe(0);
});

test('an order over the limit is turned away, and orders are asked for when the queue is empty', async () => {
  const { take, seen, ends, asked, turnedAway } = heldQueue(1);
  take(1);
  take(2);
  expect(turnedAway()).toBe(0);
  take(3);
  expect(turnedAway()).toBe(1);
  ends[0]!();
  await expect.poll(() => seen).toEqual([1, 2]);
  ends[1]!();
  await expect.poll(asked).toBe(1);
});

test('a stop forgets the orders that wait and awaits the one that runs', async () => {
  const { queue, take, seen, ends } = heldQueue();
  take(1);
  take(2);
  const stopped = queue.stop();
  take(3);
  ends[0]!();
  await stopped;
  expect(seen).toEqual([1]);
});

test('an order that throws is logged, and the next one runs', async () => {
  const lines: string[] = [];
  const seen: number[] = [];
  const queue = new OrderQueue({
    async run([value = 0]) {
      seen.push(value);
      if (value === 1) throw new Error('a bug');
    },
    counters: new CounterSet(),
    log: pino({}, { write: line => void lines.push(line) }),
  });
  queue.take(Uint8Array.of(1));
  queue.take(Uint8Array.of(2));
  await queue.idle();
  expect(seen).toEqual([1, 2]);
  expect(lines).toEqual([expect.stringContaining('a bug')]);
});
