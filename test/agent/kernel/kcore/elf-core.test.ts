import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elfCoreHeadBytes, parseElfCore } from '../../../../agent/kernel/kcore/index.ts';
import { coreFile } from '../help/elf-files.ts';
import { valueOrError } from '../help/value-or-error.ts';

const core = () =>
  coreFile([
    { address: 0xffff_ffff_8100_0000n, bytes: new Uint8Array(32) },
    { address: 0xffff_8880_0000_0000n, bytes: new Uint8Array(16) },
  ]);

test('segments come sorted by their address, which is unsigned', () => {
  const { segments, notes } = parseElfCore(core());
  expect(segments.map(segment => segment.address)).toEqual([0xffff_8880_0000_0000n, 0xffff_ffff_8100_0000n]);
  expect(segments[1]!.fileOffset).toBe(BigInt(64 + 3 * 56));
  expect(notes?.sizeBytes).toBe(0);
  expect(elfCoreHeadBytes(core())).toBe(64 + 3 * 56);
});

describe('a file of another form is KCORE_INVALID', () => {
  const patch = (at: number, ...bytes: readonly number[]) => {
    return (file: Buffer) =>
      Buffer.concat([file.subarray(0, at), Buffer.from(bytes), file.subarray(at + bytes.length)]);
  };
  const rows: readonly (readonly [string, (file: Buffer) => Buffer])[] = [
    ['empty', () => Buffer.alloc(0)],
    ['no magic', patch(0, 0)],
    ['32 bits', patch(4, 1)],
    ['big-endian', patch(5, 2)],
    ['a program', patch(16, 2)],
    ['cut program headers', file => file.subarray(0, 100)],
    ['program headers elsewhere', patch(32, 0, 0, 0, 1)],
    ['program headers of another size', patch(54, 32)],
    ['uncounted program headers', patch(56, 0xff, 0xff)],
    ['endless notes', patch(64 + 32, 0, 0, 0, 0, 1)],
  ];
  test.each(rows)('a file is refused that has a wrong form: %s', (_name, spoil) => {
    expect(() => parseElfCore(spoil(core()))).toThrow(expect.objectContaining({ code: 'KCORE_INVALID' }));
  });
});

test('any bytes of an ELF core give a value or a FarcallError', () => {
  const spoiled = fc.tuple(fc.nat(core().length - 1), fc.nat(255)).map(([at, byte]) => {
    const file = core();
    file[at] = byte;
    return file;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), spoiled), file => {
      valueOrError(() => parseElfCore(file));
    }),
  );
});
