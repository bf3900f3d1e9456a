import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CoreFile,
  type CoreSegment,
  MappedMemory,
  MemoryFault,
  VmcoreInfo,
} from '../../../../agent/kernel/kcore/index.ts';

/**
 * A form of page tables: the place of each level's index in an address, from the top, as the Arm ARM's
 * figures have it.
 */
interface Form {
  readonly name: string;
  readonly pageBytes: number;
  /** Bits of virtual addresses, as the kernel was built and as it runs. */
  readonly built: number;
  readonly bits: number;
  readonly shifts: readonly number[];
  /** Entries of the top table that the kernel counts with, and of the others. */
  readonly top: number;
  readonly entries: number;
  /** Where a descriptor has the upper bits of an address of 52 bits. */
  readonly wide?: (physical: bigint) => bigint;
}

const K4 = { pageBytes: 4096, entries: 512 };
const K16 = { pageBytes: 16384, entries: 2048 };
const K64 = { pageBytes: 65536, entries: 8192 };
/** Bits 51 to 48 go to bits 15 to 12; bits 51 and 50 to bits 9 and 8. */
const lpa = (physical: bigint): bigint => (physical & 0xffff_ffff_ffffn) | ((physical >> 48n) << 12n);
const lpa2 = (physical: bigint): bigint => (physical & 0x3_ffff_ffff_ffffn) | ((physical >> 50n) << 8n);

const FORMS: readonly Form[] = [
  { name: '4 KiB, 39 bits', ...K4, built: 39, bits: 39, shifts: [30, 21, 12], top: 512 },
  { name: '4 KiB, 48 bits', ...K4, built: 48, bits: 48, shifts: [39, 30, 21, 12], top: 512 },
  {
    ...{ name: '4 KiB, 52 bits', ...K4, built: 52, bits: 52, shifts: [48, 39, 30, 21, 12], top: 16 },
    wide: lpa2,
  },
  { name: '4 KiB, 48 of 52 bits', ...K4, built: 52, bits: 48, shifts: [39, 30, 21, 12], top: 512 },
  { name: '16 KiB, 47 bits', ...K16, built: 47, bits: 47, shifts: [36, 25, 14], top: 2048 },
  { name: '16 KiB, 48 bits', ...K16, built: 48, bits: 48, shifts: [47, 36, 25, 14], top: 2 },
  {
    ...{ name: '16 KiB, 52 bits', ...K16, built: 52, bits: 52, shifts: [47, 36, 25, 14], top: 32 },
    wide: lpa2,
  },
  { name: '16 KiB, 47 of 52 bits', ...K16, built: 52, bits: 47, shifts: [36, 25, 14], top: 2048 },
  { name: '64 KiB, 42 bits', ...K64, built: 42, bits: 42, shifts: [29, 16], top: 8192, wide: lpa },
  { name: '64 KiB, 48 bits', ...K64, built: 48, bits: 48, shifts: [42, 29, 16], top: 64, wide: lpa },
  { name: '64 KiB, 52 bits', ...K64, built: 52, bits: 52, shifts: [42, 29, 16], top: 1024, wide: lpa },
  { name: '64 KiB, 48 of 52 bits', ...K64, built: 52, bits: 48, shifts: [42, 29, 16], top: 1024, wide: lpa },
];

const PAGES = 12;
/** A descriptor that is valid, and neither a table nor a page. */
const BLOCK = 1n;

/** Memory where the linear map starts, above and below 48 bits of physical addresses, and tables over it. */
function machineWith({ pageBytes, built, bits, shifts, top, entries, wide }: Form) {
  const firstPhysical = wide && bits === 52 ? 0xc_0001_0000_0000n : 0x4000_0000n;
  const lowest = (1n << 64n) - (1n << BigInt(bits));
  const vmalloc = (1n << 64n) - (1n << BigInt(bits - 1));
  const bytes = Buffer.alloc(PAGES * pageBytes);
  let used = 1;
  const at = (physical: bigint): number => Number(physical - firstPhysical);
  const page = (): bigint => firstPhysical + BigInt(used++ * pageBytes);
  const descriptor = (physical: bigint): bigint => wide?.(physical) ?? physical;
  const map = (address: bigint, physical: bigint, { depth = shifts.length, flags = 3n } = {}): void => {
    let table = firstPhysical;
    for (const [index, shift] of shifts.entries()) {
      const count = BigInt(index === 0 ? top : entries);
      const entry = table + ((address >> BigInt(shift)) % count) * 8n;
      if (index === depth - 1) return void bytes.writeBigUInt64LE(descriptor(physical) | flags, at(entry));
      const known = tables.get(entry) ?? page();
      tables.set(entry, known);
      bytes.writeBigUInt64LE(descriptor(known) | 3n, at(entry));
      table = known;
    }
  };
  const tables = new Map<bigint, bigint>();
  const segments: CoreSegment[] = [
    { address: lowest, sizeBytes: BigInt(bytes.length), fileOffset: 0n, physical: firstPhysical },
    { address: vmalloc, sizeBytes: 1n << BigInt(bits - 2), fileOffset: 0n, physical: undefined },
  ];
  const info = [
    ['SYMBOL(swapper_pg_dir)', lowest.toString(16)],
    ['PAGESIZE', String(pageBytes)],
    ['NUMBER(VA_BITS)', String(built)],
    ['NUMBER(TCR_EL1_T1SZ)', `0x${(64 - bits).toString(16)}`],
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
      // As a real one does: what is in the vmalloc range is there, whatever it is.
      if (address >= vmalloc && address < vmalloc + (1n << BigInt(bits - 2)))
        return Buffer.alloc(sizeBytes, 0x5a);
      const from = address - lowest;
      if (from < 0n || from + BigInt(sizeBytes) > BigInt(bytes.length))
        throw new MemoryFault(address, sizeBytes);
      return Uint8Array.from(bytes.subarray(Number(from), Number(from) + sizeBytes));
    },
  };
  return { memory: new MappedMemory(file, 'aarch64'), file, bytes, at, page, map, vmalloc };
}

describe.each(FORMS)('page tables of $name', form => {
  const size = BigInt(form.pageBytes);

  test('map memory that is read at its address, page by page', () => {
    const { memory, bytes, at, page, map, vmalloc } = machineWith(form);
    const [first, second] = [page(), page()];
    const address = vmalloc + 3n * size;
    map(address, second);
    map(address + size, first);
    bytes.write('end', at(second) + form.pageBytes - 3);
    bytes.write('start', at(first));
    expect(Buffer.from(memory.read(address + size - 3n, 8)).toString()).toBe('endstart');
  });

  test('fault for what is not mapped or not valid, though the file has something there', () => {
    const { memory, page, map, vmalloc } = machineWith(form);
    const address = vmalloc + 3n * size;
    map(address, page());
    map(address + size, page(), { flags: 2n });
    expect(memory.read(address, form.pageBytes)).toHaveLength(form.pageBytes);
    expect(() => memory.read(address + size, 1)).toThrow(MemoryFault);
    expect(() => memory.read(address + size - 1n, 2)).toThrow(MemoryFault);
    expect(() => memory.read(address - 1n, 1)).toThrow(MemoryFault);
  });

  test('page tables have blocks that are read; a last entry that calls itself a block faults', () => {
    const { memory, file, bytes, map, page, vmalloc } = machineWith(form);
    const shift = BigInt(form.shifts.at(-2)!);
    const { physical = 0n } = file.segments[0]!;
    const block = (vmalloc >> shift) << shift;
    const inBlock = physical & ((1n << shift) - 1n);
    bytes.write('here', (PAGES - 1) * form.pageBytes);
    map(block, physical - inBlock, { depth: form.shifts.length - 1, flags: BLOCK });
    expect(Buffer.from(memory.read(block + inBlock + BigInt(PAGES - 1) * size, 4)).toString()).toBe('here');
    const other = block + (1n << shift);
    map(other, page(), { flags: BLOCK });
    expect(() => memory.read(other, 1)).toThrow(MemoryFault);
  });

  test('fault for user addresses and for addresses of neither half, whatever they hold', () => {
    const { memory, page, map } = machineWith(form);
    map(0x30000n, page());
    const outside = (1n << 64n) - (1n << BigInt(form.bits)) - 1n;
    for (const address of [0n, 0x30000n, 0xdead_0000_0000_0100n, 1n << 55n, outside])
      expect(() => memory.read(address, 1), address.toString(16)).toThrow(MemoryFault);
  });

  test('page tables give bytes or a fault for any address, whatever they hold', () => {
    const { memory, bytes, vmalloc } = machineWith(form);
    const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    const near = fc.bigInt({ min: 0n, max: (1n << BigInt(form.bits - 1)) - 1n }).map(by => vmalloc + by);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 64 }), fc.oneof(word, near), (words, address) => {
        for (const [index, value] of words.entries()) bytes.writeBigUInt64LE(value, 8 * index);
        try {
          expect(memory.read(address, 9)).toHaveLength(9);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(MemoryFault);
        }
      }),
      { numRuns: 100 },
    );
  });
});

test.each([
  ['SYMBOL(swapper_pg_dir)', undefined],
  ['PAGESIZE', undefined],
  ['PAGESIZE', '8192'],
  ['NUMBER(VA_BITS)', 'many'],
  ['NUMBER(VA_BITS)', '99'],
  ['NUMBER(TCR_EL1_T1SZ)', undefined],
  ['NUMBER(TCR_EL1_T1SZ)', '0xffffffffffffffff'],
])('if the kernel says %s: %s, the file is read without page tables', (key, value) => {
  const { file, vmalloc } = machineWith(FORMS[1]!);
  const names = ['SYMBOL(swapper_pg_dir)', 'PAGESIZE', 'NUMBER(VA_BITS)', 'NUMBER(TCR_EL1_T1SZ)'];
  const told = names.map(name => [name, file.vmcoreInfo.value(name)!] as const);
  const values = new Map(told);
  values.delete(key);
  if (value !== undefined) values.set(key, value);
  const changed = { ...file, vmcoreInfo: new VmcoreInfo(values) };
  expect(new MappedMemory(changed, 'aarch64').read(vmalloc, 1)).toEqual(Buffer.from([0x5a]));
});
