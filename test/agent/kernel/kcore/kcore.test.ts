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

describe('reading', () => {
  const kcore = () => opened(coreFile([{ address: TEXT, bytes: Buffer.from('0123456789') }]));

  test('gives the bytes at an address', () => {
    expect(Buffer.from(kcore().read(TEXT + 3n, 4)).toString()).toBe('3456');
    expect(kcore().read(TEXT, 0)).toHaveLength(0);
  });

  test('wraps a signed address to an unsigned one', () => {
    expect(Buffer.from(kcore().read(BigInt.asIntN(64, TEXT), 2)).toString()).toBe('01');
  });

  test.each([
    ['before', TEXT - 1n, 1],
    ['behind', TEXT + 10n, 1],
    ['across the end', TEXT + 8n, 4],
    ['null', 0n, 8],
  ])('%s the range is a fault that tells the address', (_name, address, size) => {
    const error = thrownBy(() => kcore().read(address, size));
    expect(error).toBeInstanceOf(MemoryFault);
    expect((error as MemoryFault).address).toBe(address);
  });

  test('a size that makes no sense is no fault', () => {
    for (const size of [-1, 1.5, Number.NaN, 2 ** 40]) {
      expect(() => kcore().read(TEXT, size)).toThrow(expect.objectContaining({ code: 'ENCODING_RANGE' }));
    }
  });

  test('a range that the file does not hold faults', () => {
    const file = coreFile([{ address: TEXT, bytes: Buffer.from('0123456789') }]);
    expect(() => opened(file.subarray(0, file.length - 5)).read(TEXT, 10)).toThrow(MemoryFault);
  });

  test('numbers in memory are read little-endian', () => {
    const memory = new FakeMemory().put(0n, Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 0x88]));
    expect(readU32(memory, 0n)).toBe(0x04030201);
    expect(readU64(memory, 0n)).toBe(0x8807060504030201n);
  });
});

describe('strings', () => {
  test('go on over the end of a page', () => {
    const memory = new FakeMemory()
      .put(0x1000n, Buffer.alloc(4096, 'a'))
      .put(0x2000n, Buffer.from('bc\0 and something else'));
    expect(readCString(memory, 0x1ffen, 8)).toBe('aabc');
  });

  test('may end where the memory ends', () => {
    const memory = new FakeMemory().put(
      0x1000n,
      Buffer.concat([Buffer.alloc(4093, 'a'), Buffer.from('xy\0')]),
    );
    expect(readCString(memory, 0x1ffdn, 100)).toBe('xy');
  });

  test('without a NUL within the limit are KCORE_INVALID', () => {
    const memory = new FakeMemory().put(0x1000n, Buffer.alloc(4096, 'a'));
    expect(() => readCString(memory, 0x1000n, 64)).toThrow(
      expect.objectContaining({ code: 'KCORE_INVALID' }),
    );
  });
});

describe('opening', () => {
  test('without the file, the kernel lacks it', () => {
    expect(() => openKcore(hostFolder({}))).toThrow(expect.objectContaining({ code: 'KERNEL_LACKS' }));
  });

  test('another file is KCORE_INVALID', () => {
    expect(() => opened(Buffer.from('hello'))).toThrow(expect.objectContaining({ code: 'KCORE_INVALID' }));
  });

  test('many program headers are read in a second go', () => {
    const segments = Array.from({ length: 100 }, (_, index) => ({
      address: TEXT + BigInt(index) * 0x1000n,
      bytes: Uint8Array.of(index),
    }));
    const kcore = opened(coreFile(segments, note('VMCOREINFO', 'SYMBOL(_stext)=1000\n')));
    expect(kcore.segments).toHaveLength(100);
    expect(kcore.read(TEXT + 0x63000n, 1)[0]).toBe(99);
    expect(kcore.vmcoreInfo.symbol('_stext')).toBe(0x1000n);
  });

  test('without notes VMCOREINFO is empty', () => {
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
