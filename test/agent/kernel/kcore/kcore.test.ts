import { describe, expect, onTestFinished, test } from 'vitest';
import { MemoryFault, openKcore, readCString } from '../../../../agent/kernel/index.ts';
import { readU32, readU64 } from '../../../../agent/kernel/kcore/index.ts';
import { coreFile, note } from '../help/elf-files.ts';
import { FakeMemory } from '../help/fake-memory.ts';
import { hostFolder } from '../help/host-folder.ts';

const TEXT = 0xffff_ffff_8100_0000n;

function opened(file: Uint8Array) {
  const kcore = openKcore(hostFolder({ 'proc/kcore': file }));
  onTestFinished(() => kcore.close());
  return kcore;
}

describe('a read of kernel memory', () => {
  const kcore = () => opened(coreFile([{ address: TEXT, bytes: Buffer.from('0123456789') }]));

  test('a read of kernel memory gives the bytes at an address', () => {
    expect(Buffer.from(kcore().read(TEXT + 3n, 4)).toString()).toBe('3456');
    expect(kcore().read(TEXT, 0)).toHaveLength(0);
  });

  test('a read of kernel memory takes a signed address as an unsigned one', () => {
    expect(Buffer.from(kcore().read(BigInt.asIntN(64, TEXT), 2)).toString()).toBe('01');
  });

  test.each([
    ['before', TEXT - 1n, 1],
    ['behind', TEXT + 10n, 1],
    ['across the end', TEXT + 8n, 4],
    ['null', 0n, 8],
  ])('%s the range faults and tells the address', (_name, address, size) => {
    const error = thrownBy(() => kcore().read(address, size));
    expect(error).toBeInstanceOf(MemoryFault);
    expect((error as MemoryFault).address).toBe(address);
  });

  test('a read of kernel memory is an error and not a fault if its size makes no sense', () => {
    for (const size of [-1, 1.5, Number.NaN, 2 ** 40]) {
      expect(() => kcore().read(TEXT, size)).toThrow(expect.objectContaining({ code: 'ENCODING_RANGE' }));
    }
  });

  test('a read of kernel memory faults if the file does not hold the range', () => {
    const file = coreFile([{ address: TEXT, bytes: Buffer.from('0123456789') }]);
    expect(() => opened(file.subarray(0, file.length - 5)).read(TEXT, 10)).toThrow(MemoryFault);
  });

  test('a read of kernel memory gives numbers that are stored little-endian', () => {
    const memory = new FakeMemory().put(0n, Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 0x88]));
    expect(readU32(memory, 0n)).toBe(0x04030201);
    expect(readU64(memory, 0n)).toBe(0x8807060504030201n);
  });
});

describe('a string in kernel memory', () => {
  test('a string in kernel memory may go on over the end of a page', () => {
    const memory = new FakeMemory()
      .put(0x1000n, Buffer.alloc(4096, 'a'))
      .put(0x2000n, Buffer.from('bc\0 and something else'));
    expect(readCString(memory, 0x1ffen, 8)).toBe('aabc');
  });

  test('a string in kernel memory may end where the memory ends', () => {
    const memory = new FakeMemory().put(
      0x1000n,
      Buffer.concat([Buffer.alloc(4093, 'a'), Buffer.from('xy\0')]),
    );
    expect(readCString(memory, 0x1ffdn, 100)).toBe('xy');
  });

  test('a string in kernel memory is KCORE_INVALID if no NUL comes within the limit', () => {
    const memory = new FakeMemory().put(0x1000n, Buffer.alloc(4096, 'a'));
    expect(() => readCString(memory, 0x1000n, 64)).toThrow(
      expect.objectContaining({ code: 'KCORE_INVALID' }),
    );
  });
});

describe('opening /proc/kcore', () => {
  test('opening /proc/kcore says KERNEL_LACKS if there is no such file', () => {
    expect(() => openKcore(hostFolder({}))).toThrow(expect.objectContaining({ code: 'KERNEL_LACKS' }));
  });

  test('opening /proc/kcore says KCORE_INVALID for another kind of file', () => {
    expect(() => opened(Buffer.from('hello'))).toThrow(expect.objectContaining({ code: 'KCORE_INVALID' }));
  });

  test('opening /proc/kcore reads many program headers in a second go', () => {
    const segments = Array.from({ length: 100 }, (_, index) => ({
      address: TEXT + BigInt(index) * 0x1000n,
      bytes: Uint8Array.of(index),
    }));
    const kcore = opened(coreFile(segments, note('VMCOREINFO', 'SYMBOL(_stext)=1000\n')));
    expect(kcore.segments).toHaveLength(100);
    expect(kcore.read(TEXT + 0x63000n, 1)[0]).toBe(99);
    expect(kcore.vmcoreInfo.symbol('_stext')).toBe(0x1000n);
  });

  test('opening /proc/kcore gives an empty VMCOREINFO if there are no notes', () => {
    expect(opened(coreFile([])).vmcoreInfo.symbol('_stext')).toBeUndefined();
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}
