import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FairQueue, type FairQueueOptions } from '../../../controller/bus/fair-queue.ts';

interface Work {
  readonly name: string;
  readonly done: PromiseWithResolvers<void>;
}

function queueOf(options: Partial<FairQueueOptions<Work>>) {
  const begun: Work[] = [];
  const queue = new FairQueue<Work>({
    ...{ atOnce: 1, atOnceOfLane: 1, waitingOfLane: 100, look: () => undefined },
    work(item) {
      begun.push(item);
      return item.done.promise;
    },
    ...options,
  });
  const add = (sender: string, name: string): boolean =>
    queue.add(sender, { name, done: Promise.withResolvers() });
  const endNext = async (index: number): Promise<void> => {
    begun[index]?.done.resolve();
    for (let turn = 0; turn < 4; turn++) await setImmediate();
  };
  return { queue, begun, add, endNext, names: () => begun.map(({ name }) => name) };
}

test('senders take turns, even if one has sent more', async () => {
  const { add, endNext, names } = queueOf({});
  for (const name of ['a1', 'a2', 'a3', 'a4']) add('a', name);
  add('b', 'b1');
  add('c', 'c1');
  for (let index = 0; index < 6; index++) await endNext(index);
  expect(names()).toEqual(['a1', 'b1', 'c1', 'a2', 'a3', 'a4']);
});

test('one sender cannot have more than its share under way, and others begin beside it', async () => {
  const { add, endNext, names } = queueOf({ atOnce: 4, atOnceOfLane: 2 });
  for (const name of ['a1', 'a2', 'a3']) add('a', name);
  add('b', 'b1');
  expect(names()).toEqual(['a1', 'a2', 'b1']);
  await endNext(0);
  expect(names()).toEqual(['a1', 'a2', 'b1', 'a3']);
});

test('what exceeds the room of its sender is dropped, and the room of others is theirs', () => {
  const { add } = queueOf({ waitingOfLane: 2 });
  expect(['a1', 'a2', 'a3', 'a4'].map(name => add('a', name))).toEqual([true, true, true, false]);
  expect(add('b', 'b1')).toBe(true);
});

test('a queue is idle when nothing waits or runs, and says how many wait', async () => {
  const waiting: number[] = [];
  const { queue, add, endNext } = queueOf({ look: count => void waiting.push(count) });
  add('a', 'a1');
  add('a', 'a2');
  let isIdle = false;
  void queue.idle().then(() => {
    isIdle = true;
  });
  await endNext(0);
  expect(isIdle).toBe(false);
  await endNext(1);
  expect(isIdle).toBe(true);
  expect(waiting).toEqual([0, 0]);
});

test('the event loop goes on between pieces of work that take long, also if they come in one packet', async () => {
  let nowMs = 0;
  const begun: string[] = [];
  const queue = new FairQueue<string>({
    ...{ atOnce: 100, atOnceOfLane: 100, waitingOfLane: 100, look: () => undefined, nowMs: () => nowMs },
    async work(name) {
      begun.push(name);
      nowMs += 3;
    },
  });
  for (const name of ['a', 'b', 'c', 'd', 'e']) queue.add(name, name);
  expect(begun).toEqual(['a', 'b']);
  await queue.idle();
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
});
