import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readModuleFile } from '../../../../agent/kernel/module-abi/index.ts';
import { relocatableFile, versionsSection } from '../help/elf-files.ts';
import { u32s } from '../help/fake-memory.ts';
import { valueOrError } from '../help/value-or-error.ts';

const MODINFO = Buffer.from('license=GPL\0depends=\0name=x\0vermagic=6.1.0-37-amd64 SMP modversions \0');
const VERSIONS = versionsSection({ _printk: 1, module_layout: 0xdeadbeef, module_layout_not: 2 });

test('vermagic and CRC of a module file are read', () => {
  expect(readModuleFile(relocatableFile({ '.modinfo': MODINFO, __versions: VERSIONS }))).toEqual({
    vermagic: '6.1.0-37-amd64 SMP modversions ',
    moduleLayoutCrc: 0xdeadbeef,
  });
});

test('the extended form of versions is read', () => {
  const file = relocatableFile({
    '.modinfo': MODINFO,
    __version_ext_crcs: u32s(7, 0xcafe),
    __version_ext_names: Buffer.from('_printk\0module_layout\0'),
  });
  expect(readModuleFile(file).moduleLayoutCrc).toBe(0xcafe);
});

test('what a module file does not have is undefined', () => {
  expect(readModuleFile(relocatableFile({ '.text': Uint8Array.of(1) }))).toEqual({
    vermagic: undefined,
    moduleLayoutCrc: undefined,
  });
  const without = relocatableFile({
    '.modinfo': Buffer.from('vermagicc=1\0'),
    __versions: VERSIONS.subarray(0, 65),
  });
  expect(readModuleFile(without)).toEqual({ vermagic: undefined, moduleLayoutCrc: undefined });
});

describe('another kind of file is refused', () => {
  const file = relocatableFile({ '.modinfo': MODINFO });
  const patched = (at: number, ...bytes: readonly number[]) => {
    const copy = Uint8Array.from(file);
    copy.set(bytes, at);
    return copy;
  };
  test.each([
    ['empty', new Uint8Array(0)],
    ['no ELF', patched(0, 0)],
    ['32 bits', patched(4, 1)],
    ['cut off', file.subarray(0, file.length - 100)],
    ['sections far away', patched(40, 0, 0, 0, 0, 1)],
    ['no sections', patched(60, 0, 0)],
    ['names in no section', patched(62, 9)],
    ['section headers of another size', patched(58, 40)],
  ])('a file is FILE_UNREADABLE if it is wrong so: %s', (_name, bytes) => {
    expect(() => readModuleFile(bytes)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  });
});

test('any bytes of a module file give a value or a FarcallError', () => {
  const file = relocatableFile({ '.modinfo': MODINFO, __versions: VERSIONS });
  const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 6 }).map(changes => {
    const copy = Uint8Array.from(file);
    for (const [at, byte] of changes) copy[at] = byte;
    return copy;
  });
  fc.assert(
    fc.property(fc.oneof(damage, fc.uint8Array({ maxLength: 200 })), bytes => {
      valueOrError(() => readModuleFile(bytes));
    }),
  );
});
