import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { readReportedSoFar } from '../../../agent/load/reported-so-far.ts';
import { smallKernel } from '../compiler/support/small-kernel.ts';

const { compiler } = smallKernel();
const call = compiler.compile('report(7, 8); get_int()', 'farcall_0123456789abcdef_1');
const AREA = 0xffff_ffff_c0a0_5000n;
const sys = mkdtempSync(join(tmpdir(), 'farcall-sections-'));
const sections = join(sys, 'module', call.moduleName, 'sections');
const files = { sys, proc: '/nowhere', dev: '/nowhere', modules: '/nowhere' };

beforeEach(() => {
  mkdirSync(sections, { recursive: true });
  writeFileSync(join(sections, '.bss'), `0x${AREA.toString(16)}\n`);
});
afterAll(() => rmSync(sys, { recursive: true }));

/** The area of a program that has reported one row, and has taken room for another. */
function area(): Buffer {
  const bytes = Buffer.alloc(call.resultBytes);
  const start = 40 + 8;
  bytes.writeBigUInt64LE(BigInt(start + 24), 24);
  bytes.writeUInt32LE(16, start + 4);
  bytes.writeBigInt64LE(7n, start + 8);
  bytes.writeBigInt64LE(8n, start + 16);
  return bytes;
}

function memory(afterFirst: (bytes: Buffer) => void = () => undefined) {
  const bytes = area();
  let reads = 0;
  return {
    read(address: bigint, count: number): Uint8Array {
      if (reads++ === 1) afterFirst(bytes);
      const from = Number(address - AREA);
      return Uint8Array.from(bytes.subarray(from, from + count));
    },
    [Symbol.dispose]: () => undefined,
  };
}

const reported = (open: () => ReturnType<typeof memory>) => {
  const rows = readReportedSoFar(call, open, files)?.rows;
  return rows?.map(({ values }) => values.map(({ text }) => text));
};

test('rows of a module that still runs are read from its memory', () => {
  expect(reported(() => memory())).toEqual([['(int)7', '(int)8']]);
});

test('a row that a module has begun after its length was read is not taken for one', () => {
  const grows = (bytes: Buffer): void => void bytes.writeBigUInt64LE(BigInt(40 + 8 + 48), 24);
  expect(reported(() => memory(grows))).toHaveLength(1);
});

test('what was read counts only if the module is still at the same place', () => {
  const goes = (): void => rmSync(join(sys, 'module'), { recursive: true });
  expect(reported(() => memory(goes))).toBeUndefined();
  mkdirSync(sections, { recursive: true });
  writeFileSync(join(sections, '.bss'), '0xffffffffc0b06000\n');
  const moves = (): void => writeFileSync(join(sections, '.bss'), `0x${AREA.toString(16)}\n`);
  expect(reported(() => memory(moves))).toBeUndefined();
});

test('a module whose memory is closed or hidden has no rows before it ends', () => {
  const closed = (): never => {
    throw new Error('closed');
  };
  expect(reported(closed)).toBeUndefined();
  writeFileSync(join(sections, '.bss'), '0x0000000000000000\n');
  expect(reported(() => memory())).toBeUndefined();
  rmSync(join(sys, 'module'), { recursive: true });
  expect(reported(() => memory())).toBeUndefined();
});
