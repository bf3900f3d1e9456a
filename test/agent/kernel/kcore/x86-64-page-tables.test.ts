import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CoreFile,
  type CoreSegment,
  MappedMemory,
  MemoryFault,
  VmcoreInfo,
} from '../../../../agent/kernel/kcore/index.ts';

const RAM = 0xff11_0000_0000_0000n;
const FIRST = 0x1000n;
const PAGES = 64;
const VMALLOC = { 4: 0xffff_c900_0000_0000n, 5: 0xffa0_0000_0000_0000n } as const;

/** A core file over some pages of physical memory, whose page tables map what `map` says. */
function coreFile(levels: 4 | 5, encryption = 0n) {
  const bytes = Buffer.alloc(PAGES * 4096);
  let used = 1;
  const put = (physical: bigint, value: bigint): void => {
    bytes.writeBigUInt64LE(value, Number(physical - FIRST));
  };
  const get = (physical: bigint): bigint => bytes.readBigUInt64LE(Number(physical - FIRST));
  const page = (): bigint => FIRST + BigInt(used++ * 4096);
  const map = (address: bigint, physical: bigint, { leaf = 1, flags = 1n } = {}): void => {
    let table = FIRST;
    for (let level: number = levels; ; level--) {
      const at = table + ((address >> BigInt(12 + (level - 1) * 9)) & 511n) * 8n;
      if (level === leaf) return put(at, physical | flags | (leaf > 1 ? 0x80n : 0n) | encryption);
      if (get(at) === 0n) put(at, page() | 1n | encryption);
      table = get(at) & 0x000f_ffff_ffff_f000n & ~encryption;
    }
  };
  const segments: CoreSegment[] = [
    { address: RAM, sizeBytes: BigInt(bytes.length), fileOffset: 0n, physical: FIRST },
    { address: VMALLOC[levels], sizeBytes: 1n << 40n, fileOffset: 0n, physical: undefined },
  ];
  const info = [
    ['SYMBOL(swapper_pg_dir)', RAM.toString(16)],
    ['NUMBER(pgtable_l5_enabled)', levels === 5 ? '1' : '0'],
    ['NUMBER(sme_mask)', String(encryption)],
  ] as const;
  const file: CoreFile = {
    segments,
    vmcoreInfo: new VmcoreInfo(new Map(info)),
    close: () => undefined,
    readAt(fileOffset, to, offset, sizeBytes) {
      to.set(bytes.subarray(Number(fileOffset), Number(fileOffset) + sizeBytes), offset);
      return Number(fileOffset) + sizeBytes <= bytes.length;
    },
    read(address, sizeBytes) {
      const from = address - RAM;
      // As a real one does: what is in the vmalloc range is there, whatever it is.
      if (address >= VMALLOC[levels] && address < VMALLOC[levels] + (1n << 40n))
        return Buffer.alloc(sizeBytes, 0x5a);
      if (from < 0n || from + BigInt(sizeBytes) > BigInt(bytes.length))
        throw new MemoryFault(address, sizeBytes);
      return Uint8Array.from(bytes.subarray(Number(from), Number(from) + sizeBytes));
    },
  };
  return { file, map, page, bytes };
}

describe.each([4, 5] as const)('page tables of %d levels', levels => {
  const at = VMALLOC[levels] + 0x5000n;

  test('map memory that is read at its address, page by page', () => {
    const { file, map, page, bytes } = coreFile(levels);
    const [first, second] = [page(), page()];
    map(at, second);
    map(at + 4096n, first);
    bytes.write('end', Number(second - FIRST) + 4093);
    bytes.write('start', Number(first - FIRST));
    const memory = new MappedMemory(file, 'x86_64');
    expect(Buffer.from(memory.read(at + 4093n, 8)).toString()).toBe('endstart');
  });

  test('a page of physical memory is read by its number, and no page that is mapped or missing', () => {
    const { file, map, page, bytes } = coreFile(levels);
    const physical = page();
    map(at, physical);
    bytes.write('here', Number(physical - FIRST) + 8);
    const memory = new MappedMemory(file, 'x86_64');
    const to = Buffer.alloc(4100);
    const number = (address: bigint): number => Number(address >> 12n);
    expect(memory.readPage(number(RAM + physical - FIRST), to, 4)).toBe(true);
    expect(to.toString('latin1', 12, 16)).toBe('here');
    expect(
      [at, 0n, RAM - 4096n, RAM + BigInt(bytes.length)].map(each => memory.readPage(number(each), to, 4)),
    ).toEqual([false, false, false, false]);
  });

  test('fault for what is not mapped, though the file has something there', () => {
    const { file, map, page } = coreFile(levels);
    map(at, page());
    const memory = new MappedMemory(file, 'x86_64');
    expect(memory.read(at, 4096)).toHaveLength(4096);
    expect(() => memory.read(at + 4096n, 1)).toThrow(MemoryFault);
    expect(() => memory.read(at + 4095n, 2)).toThrow(MemoryFault);
    expect(() => memory.read(at - 1n, 1)).toThrow(MemoryFault);
  });

  test('fault for pages that are not present, and for those of devices', () => {
    const { file, map, page } = coreFile(levels);
    map(at, page(), { flags: 0x100n });
    map(at + 4096n, 0xfee0_0000n);
    const memory = new MappedMemory(file, 'x86_64');
    expect(() => memory.read(at, 1)).toThrow(MemoryFault);
    expect(() => memory.read(at + 4096n, 1)).toThrow(MemoryFault);
  });

  test('map huge pages, and encrypted ones', () => {
    const { file, map, bytes } = coreFile(levels, 1n << 47n);
    const huge = VMALLOC[levels] + 0x20_0000n;
    map(huge, 0n, { leaf: 2 });
    bytes.write('here', 0x3456 - Number(FIRST));
    const memory = new MappedMemory(file, 'x86_64');
    expect(Buffer.from(memory.read(huge + 0x3456n, 4)).toString()).toBe('here');
    expect(() => memory.read(huge + 0x15_0000n, 4)).toThrow(MemoryFault);
  });

  test('fault for user addresses and for addresses of neither half, whatever they hold', () => {
    const { file, map, page } = coreFile(levels);
    map(0x5000n, page());
    const memory = new MappedMemory(file, 'x86_64');
    for (const address of [0n, 0x5000n, 0x7fff_ffff_f000n, 0xdead_0000_0000_0100n, 1n << 63n])
      expect(() => memory.read(address, 1), address.toString(16)).toThrow(MemoryFault);
  });

  test('page tables give bytes or a fault for any address, whatever they hold', () => {
    const { file, bytes } = coreFile(levels);
    const memory = new MappedMemory(file, 'x86_64');
    const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 64 }),
        word,
        fc.integer({ min: 0, max: 9000 }),
        (words, address, size) => {
          for (const [index, value] of words.entries()) bytes.writeBigUInt64LE(value, 8 * (448 + index));
          try {
            expect(memory.read(address, size)).toHaveLength(size);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(MemoryFault);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('without a known CPU or the address of page tables, the file is read without page tables', () => {
  const { file } = coreFile(4);
  expect(new MappedMemory(file, 'riscv64').read(VMALLOC[4], 1)).toEqual(Buffer.from([0x5a]));
  const silent = { ...file, vmcoreInfo: new VmcoreInfo(new Map()) };
  expect(new MappedMemory(silent, 'x86_64').read(VMALLOC[4], 1)).toEqual(Buffer.from([0x5a]));
});
