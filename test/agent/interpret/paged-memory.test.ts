import { expect, test } from 'vitest';
import { PagedMemory } from '../../../agent/interpret/index.ts';
import { type KernelMemory, MemoryFault } from '../../../agent/kernel/index.ts';

const BASE = 0xffff_8880_0000_1000n;

/** Memory of `sizeBytes` from BASE on that counts its reads. */
function countedMemory(sizeBytes: number): KernelMemory & { reads: number; bytes: Buffer } {
  const memory = {
    reads: 0,
    bytes: Buffer.from(Array.from({ length: sizeBytes }, (_, index) => index * 7)),
    read(address: bigint, count: number): Uint8Array {
      memory.reads++;
      const from = address - BASE;
      if (from < 0n || from + BigInt(count) > BigInt(sizeBytes)) throw new MemoryFault(address, count);
      return Uint8Array.from(memory.bytes.subarray(Number(from), Number(from) + count));
    },
  };
  return memory;
}

function copied(memory: PagedMemory, offset: number, count: number): Buffer | undefined {
  const to = Buffer.alloc(count + 2, 0xee);
  if (!memory.copy(BigInt.asUintN(64, BASE + BigInt(offset)), to, 1, count)) return undefined;
  expect([to[0], to[count + 1]]).toEqual([0xee, 0xee]);
  return to.subarray(1, count + 1);
}

test('paged memory gives any piece, over any pages, as it is', () => {
  const below = countedMemory(3 * 4096);
  const memory = new PagedMemory(below);
  for (const [offset, count] of [
    [0, 1],
    [5, 8],
    [4090, 16],
    [4095, 4098],
    [0, 3 * 4096],
    [12287, 1],
  ] as const)
    expect(copied(memory, offset, count), `${offset}+${count}`).toEqual(
      below.bytes.subarray(offset, offset + count),
    );
});

test('a page is read once, until everything is to be read again', () => {
  const below = countedMemory(4096);
  const memory = new PagedMemory(below);
  for (let at = 0; at < 4096; at += 8) copied(memory, at, 8);
  expect(below.reads).toBe(1);
  below.bytes[9] = 0xff;
  expect(copied(memory, 9, 1)).toEqual(Buffer.from([63]));
  memory.refresh();
  expect(copied(memory, 9, 1)).toEqual(Buffer.from([0xff]));
  expect(below.reads).toBe(2);
});

test('pages around one are read with it where they are one piece, and stay as they were first read', () => {
  const below = Object.assign(countedMemory(16 * 4096), { isOnePiece: () => true });
  const memory = new PagedMemory(below);
  // BASE is the second page of eight.
  const first = 7 * 4096;
  expect(copied(memory, first, 8)).toEqual(below.bytes.subarray(first, first + 8));
  expect(below.reads).toBe(1);
  below.bytes.fill(0xff);
  for (let page = 8; page < 15; page++) expect(copied(memory, page * 4096, 1)).toEqual(Buffer.from([0]));
  expect(below.reads).toBe(1);
  expect(copied(memory, 15 * 4096, 1)).toEqual(Buffer.from([0xff]));
});

test('a page is read alone where those around it cannot be read together', () => {
  const below = Object.assign(countedMemory(4096), { isOnePiece: () => true });
  const memory = new PagedMemory(below);
  expect(copied(memory, 8, 8)).toEqual(below.bytes.subarray(8, 16));
  copied(memory, 80, 8);
  expect(below.reads).toBe(2);
});

test('a range that ends within a page is read as far as the memory goes', () => {
  const memory = new PagedMemory(countedMemory(4096 + 100));
  expect(copied(memory, 4096, 100)).toHaveLength(100);
  expect(copied(memory, 4000, 196)).toHaveLength(196);
  expect(copied(memory, 4096, 101)).toBeUndefined();
  expect(copied(memory, -1, 2)).toBeUndefined();
  expect(copied(memory, 9000, 1)).toBeUndefined();
});

test('a read does not wrap around at the last address', () => {
  const memory = new PagedMemory(countedMemory(4096));
  expect(memory.copy((1n << 64n) - 4n, new Uint8Array(8), 0, 8)).toBe(false);
});
