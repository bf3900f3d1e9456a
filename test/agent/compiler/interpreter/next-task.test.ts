import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TaskTree } from '../../../../agent/compiler/check/index.ts';
import { interpret } from '../../../../agent/compiler/interpreter/index.ts';
import { nextTask } from '../../../../agent/compiler/interpreter/next-task.ts';
import { END, type IrProgram } from '../../../../agent/compiler/ir/index.ts';
import { memoryOf } from '../support/memory-of.ts';
import { interpretToEnd } from '../support/run-to-end.ts';

const BASE = 0xffff_8880_0000_0000n;
const SIZE = 1 << 20;
const TREE: TaskTree = {
  array: BASE,
  arrayOffset: 16,
  head: BASE + 8n,
  shiftOffset: 0,
  slotsOffset: 64,
  slots: 64,
  numberOffset: 0,
  firstOffset: 8,
  linkOffset: 32,
  pidOffset: 16,
};

/** A tree of numbers in which every task is as it should be. */
class Kernel {
  readonly bytes = Buffer.alloc(SIZE);
  readonly memory = memoryOf([{ address: BASE, bytes: this.bytes }]);
  readonly tasks = new Map<number, bigint>();
  readonly pids = new Map<number, bigint>();
  #used = 64;

  constructor(numbers: readonly number[], levels = 2) {
    const root = this.#node((levels - 1) * 6);
    this.put(TREE.head, root + 2n);
    for (const number of numbers) this.#add(root, levels, number);
  }

  put(address: bigint, value: bigint): void {
    this.bytes.writeBigUInt64LE(BigInt.asUintN(64, value), Number(address - BASE));
  }

  get(address: bigint): bigint {
    return this.bytes.readBigUInt64LE(Number(address - BASE));
  }

  all(): [number, bigint][] {
    const found: [number, bigint][] = [];
    for (let least = 1; ; ) {
      const next = nextTask(this.memory, TREE, least);
      if (next === undefined) return found;
      if (next === 'inconsistent') throw new Error(next);
      found.push([next.number, next.task]);
      least = next.number + 1;
    }
  }

  #allocate(bytes: number): bigint {
    const at = this.#used;
    this.#used += bytes;
    return BASE + BigInt(at);
  }

  #node(shift: number): bigint {
    const node = this.#allocate(64 + 64 * 8);
    this.bytes.writeUInt8(shift, Number(node - BASE));
    this.put(node + BigInt(TREE.arrayOffset), TREE.array);
    return node;
  }

  #add(root: bigint, levels: number, number: number): void {
    let node = root;
    for (let level = levels - 1; level >= 0; level--) {
      const slot = node + BigInt(TREE.slotsOffset) + BigInt((number >> (level * 6)) & 63) * 8n;
      if (level === 0) {
        const [pid, task] = [this.#allocate(64), this.#allocate(64)];
        this.put(slot, pid);
        this.bytes.writeUInt32LE(number, Number(pid - BASE));
        this.put(pid + BigInt(TREE.firstOffset), task + BigInt(TREE.linkOffset));
        this.put(task + BigInt(TREE.pidOffset), pid);
        this.tasks.set(number, task);
        this.pids.set(number, pid);
      } else if (this.get(slot) === 0n) {
        this.put(slot, this.#node((level - 1) * 6) + 2n);
      }
      node = this.get(slot) - 2n;
    }
  }
}

describe('tasks are found by their numbers', () => {
  test.each([1, 2, 3, 4])('tasks in a tree of %d levels are found in order', levels => {
    const most = 64 ** levels - 1;
    const some = fc.uniqueArray(fc.integer({ min: 1, max: most }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(some, numbers => {
        const kernel = new Kernel(numbers, levels);
        const wanted = [...kernel.tasks].sort(([a], [b]) => a - b);
        expect(kernel.all()).toEqual(wanted);
      }),
      { numRuns: 100 },
    );
  });

  test('an empty tree has no task, and no task follows the last', () => {
    const kernel = new Kernel([5]);
    expect(nextTask(kernel.memory, TREE, 6)).toBeUndefined();
    expect(nextTask(kernel.memory, TREE, 4096)).toBeUndefined();
    expect(nextTask(kernel.memory, TREE, 0x7fff_ffff)).toBeUndefined();
    kernel.put(TREE.head, 0n);
    expect(kernel.all()).toEqual([]);
  });
});

describe('a task that goes away during the search is skipped', () => {
  test.each([
    ['has no task any more', (kernel: Kernel) => kernel.put(kernel.pids.get(7)! + 8n, 0n)],
    ['has another number by now', (kernel: Kernel) => kernel.put(kernel.pids.get(7)!, 8n)],
    ['leads to a task with another number', (kernel: Kernel) => kernel.put(kernel.tasks.get(7)! + 16n, 0n)],
    ['leads to no memory', (kernel: Kernel) => kernel.put(kernel.pids.get(7)! + 8n, 0xdead_0000_0000_0122n)],
  ])('a number of a task is skipped that %s', (_, change) => {
    const kernel = new Kernel([3, 7, 70]);
    change(kernel);
    expect(kernel.all()).toEqual([
      [3, kernel.tasks.get(3)],
      [7, 0n],
      [70, kernel.tasks.get(70)],
    ]);
  });
});

test('a node that was given back is read again, and then it is a fault', () => {
  const kernel = new Kernel([3, 70]);
  const node = kernel.get(TREE.head) - 2n;
  let refreshed = 0;
  const memory = { ...kernel.memory, refresh: () => void refreshed++ };
  kernel.put(node + BigInt(TREE.arrayOffset), 0n);
  expect(nextTask(memory, TREE, 1)).toBe('inconsistent');
  expect(refreshed).toBeGreaterThan(1);
  const mended = { ...memory, refresh: () => kernel.put(node + BigInt(TREE.arrayOffset), TREE.array) };
  expect(nextTask(mended, TREE, 1)).toMatchObject({ number: 3 });
});

test('the search ends after few reads whatever the memory holds', () => {
  const words = fc.array(
    fc.tuple(
      fc.nat(600),
      fc.oneof(
        fc.bigInt(0n, 5000n),
        fc.nat(4000).map(at => BASE + BigInt(at) + 2n),
      ),
    ),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(words, fc.nat(0x7fff_ffff), (changes, least) => {
      const kernel = new Kernel([1, 2, 64, 700]);
      for (const [word, value] of changes) kernel.put(BASE + BigInt(word * 8), value);
      const before = kernel.memory.asked.copies;
      nextTask(kernel.memory, TREE, least);
      expect(kernel.memory.asked.copies - before).toBeLessThan(20_000);
    }),
    { numRuns: 300 },
  );
});

/** What the code of a program finds: number and task, 0 and 0 where there is none. */
function foundByCode(kernel: Kernel, least: number): [number, bigint] | 'inconsistent' {
  const program: IrProgram = {
    blocks: [
      {
        instructions: [
          { op: 'const', to: 0, value: BigInt(least) },
          { op: 'next-task', to: 1, number: 2, least: 0, tree: TREE, sourceOffset: 0 },
          { op: 'result', offset: 0, from: 1 },
          { op: 'result', offset: 8, from: 2 },
        ],
        terminator: { op: 'end', end: END.RETURNED, sourceOffset: 0 },
      },
    ],
    ...{ tempCount: 3, fuel: 1, data: new Uint8Array(), localBytes: 0, resultBytes: 16, rowsBytes: 0 },
    ...{ cleanup: undefined, pointerChecks: [], handlers: [], callNext: new Map(), exits: new Set() },
  };
  const area = Buffer.from(interpretToEnd(interpret(program, kernel.memory)));
  if (area.readBigUInt64LE(0) === BigInt(END.FAULTED)) return 'inconsistent';
  return [Number(area.readBigUInt64LE(48)), area.readBigUInt64LE(40)];
}

test('the code of a program finds the same tasks, whatever the memory holds', () => {
  const addresses = fc.nat(4000).map(at => BASE + BigInt(at));
  const values = fc.oneof(fc.bigInt(0n, 800n), addresses, fc.bigInt(0n, (1n << 64n) - 1n));
  const changes = fc.array(fc.tuple(fc.nat(600), values), { maxLength: 12 });
  let [tasks, none] = [0, 0];
  fc.assert(
    fc.property(changes, fc.nat(800), (some, least) => {
      const kernel = new Kernel([1, 2, 5, 63, 64, 700]);
      for (const [word, value] of some) kernel.put(BASE + BigInt(word * 8), value);
      const found = nextTask(kernel.memory, TREE, least);
      const wanted = found === 'inconsistent' ? found : [found?.number ?? 0, found?.task ?? 0n];
      expect(foundByCode(kernel, least)).toEqual(wanted);
      if (found !== 'inconsistent' && found?.task) tasks++;
      else none++;
    }),
    { numRuns: 400 },
  );
  expect(Math.min(tasks, none)).toBeGreaterThan(20);
});
