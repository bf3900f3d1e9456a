import { expect, test } from 'vitest';
import { interpret, OWN_ADDRESS } from '../../../../agent/compiler/interpreter/index.ts';
import { END, type Instruction, type IrProgram } from '../../../../agent/compiler/ir/index.ts';
import { memoryOf } from '../support/memory-of.ts';
import { interpretToEnd } from '../support/run-to-end.ts';

const KERNEL = 0xffff_8880_0000_1000n;
const memory = memoryOf([{ address: KERNEL, bytes: new Uint8Array(4096).fill(7) }]);
const OWN_BYTES = 32;

/** A program of one block that returns temporary 0. */
function programOf(instructions: readonly Instruction[], tempCount = 4): IrProgram {
  const end = { op: 'end', end: END.RETURNED, sourceOffset: 0 } as const;
  return {
    blocks: [{ instructions: [...instructions, { op: 'result', offset: 0, from: 0 }], terminator: end }],
    ...{ tempCount, fuel: 10, data: new Uint8Array(), localBytes: OWN_BYTES, resultBytes: 8, rowsBytes: 0 },
    ...{ cleanup: undefined, pointerChecks: [], handlers: [], callNext: new Map(), exits: new Set() },
  };
}

function resultOf(instructions: readonly Instruction[], tempCount?: number): bigint {
  const area = interpretToEnd(interpret(programOf(instructions, tempCount), memory));
  return Buffer.from(area).readBigUInt64LE(40);
}

const constant = (to: number, value: bigint): Instruction => ({ op: 'const', to, value });

function exchangeAt(address: bigint): readonly Instruction[] {
  return [
    constant(1, address),
    constant(2, 0n),
    constant(3, 9n),
    { op: 'exchange', to: 0, address: 1, expected: 2, desired: 3, bytes: 4, sourceOffset: 0 },
  ];
}

test('an exchange changes what is the own of a program', () => {
  expect(resultOf([...exchangeAt(OWN_ADDRESS + 28n), { op: 'load', to: 0, offset: 28, bytes: 4 }])).toBe(9n);
});

test.each([
  ['in the kernel', KERNEL],
  ['right behind its own memory', OWN_ADDRESS + BigInt(OWN_BYTES)],
  ['half behind its own memory', OWN_ADDRESS + BigInt(OWN_BYTES) - 2n],
  ['right before its own memory', OWN_ADDRESS - 4n],
  ['at the last address', (1n << 64n) - 4n],
])('a program that only reads cannot exchange anything %s', (_where, address) => {
  expect(() => resultOf(exchangeAt(address))).toThrow(/unreachable/);
});

test.each<Instruction>([
  { op: 'write', address: 0, from: 0, bytes: 8, isOwn: false, sourceOffset: 0 },
  { op: 'write-block', address: 0, from: 0, bytes: 8, sourceOffset: 0 },
  {
    ...{ op: 'call', to: 0, block: undefined, check: undefined, args: [], ofProgram: true },
    target: { name: 'f', address: KERNEL },
  },
])('a program with a $op is not interpreted', instruction => {
  expect(() => interpret(programOf([constant(0, KERNEL), instruction]), memory)).toThrow(/only reads has a/);
});

test('a block of any length is interpreted, and may be left and entered in between', () => {
  const long = Array.from({ length: 40_000 }, (_, index): readonly Instruction[] => [
    constant(2 + index, BigInt(index)),
    { op: 'binary', operator: 'add', to: 0, left: 0, right: 2 + index },
  ]).flat();
  const run = interpret(programOf([constant(0, 0n), ...long], 40_002), memory);
  let turns = 1;
  while (!run.resume()) turns++;
  expect(turns).toBeGreaterThan(2);
  expect(Buffer.from(run.area).readBigUInt64LE(40)).toBe((39_999n * 40_000n) / 2n);
});

test('a read finds a number that lies across two pages, and none that ends outside', () => {
  const pages = memoryOf([{ address: KERNEL, bytes: new Uint8Array(8192).fill(7) }]);
  const read = (address: bigint): Uint8Array =>
    interpretToEnd(
      interpret(
        programOf([constant(1, address), { op: 'read', to: 0, address: 1, bytes: 8, sourceOffset: 5 }]),
        pages,
      ),
    );
  expect(Buffer.from(read(KERNEL + 4092n)).readBigUInt64LE(40)).toBe(0x0707_0707_0707_0707n);
  const area = Buffer.from(read(KERNEL + 8188n));
  expect([0, 8, 16].map(at => area.readBigUInt64LE(at))).toEqual([BigInt(END.FAULTED), 5n, KERNEL + 8188n]);
});

test('pages that share a slot are told apart, whether or not a memory copies whole pages', () => {
  const far = KERNEL + (1n << 24n);
  const pieces = [KERNEL, far].map((address, index) => ({ address, bytes: Buffer.alloc(4096, index + 1) }));
  const copying = memoryOf(pieces);
  const read = (to: number, address: number): Instruction => {
    return { op: 'read', to, address, bytes: 8, sourceOffset: 5 };
  };
  const program = programOf([
    ...[constant(1, KERNEL), constant(2, far), read(3, 1), read(0, 2)],
    { op: 'binary', operator: 'add', to: 0, left: 0, right: 3 },
    read(3, 1),
    { op: 'binary', operator: 'add', to: 0, left: 0, right: 3 },
  ]);
  const pages = {
    ...copying,
    copyPage: (number: number, to: Uint8Array, offset: number) =>
      copying.copy(BigInt(number) << 12n, to, offset, 4096),
  };
  for (const each of [copying, pages])
    expect(Buffer.from(interpretToEnd(interpret(program, each))).readBigUInt64LE(40)).toBe(
      4n * 0x0101_0101_0101_0101n,
    );
});
