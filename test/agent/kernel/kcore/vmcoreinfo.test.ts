import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findVmcoreInfo, parseVmcoreInfo } from '../../../../agent/kernel/kcore/index.ts';
import { note } from '../help/elf-files.ts';
import { valueOrError } from '../help/value-or-error.ts';

const TEXT = 'OSRELEASE=6.1.0-37-amd64\nSYMBOL(_stext)=ffffffff9a200000\nSIZE(page)=64\nodd\n';

test('the VMCOREINFO note is found behind others', () => {
  const notes = Buffer.concat([note('CORE', 'status'), note('VMCOREINFO', TEXT)]);
  const info = findVmcoreInfo(notes);
  expect(info?.symbol('_stext')).toBe(0xffff_ffff_9a20_0000n);
  expect(info?.value('OSRELEASE')).toBe('6.1.0-37-amd64');
  expect(info?.symbol('page')).toBeUndefined();
});

test('without the note, or with one that is cut off, VMCOREINFO is empty', () => {
  expect(findVmcoreInfo(note('CORE', 'status'))).toBeUndefined();
  expect(findVmcoreInfo(note('VMCOREINFO', TEXT).subarray(0, 40))).toBeUndefined();
  expect(findVmcoreInfo(new Uint8Array(0))).toBeUndefined();
});

test('a value that is no address gives no symbol', () => {
  const info = parseVmcoreInfo('SYMBOL(a)=xyz\nSYMBOL(b)=\nSYMBOL(c)=11111111111111111\nSYMBOL(d)=1f');
  expect(['a', 'b', 'c', 'd'].map(name => info.symbol(name))).toEqual([
    undefined,
    undefined,
    undefined,
    0x1fn,
  ]);
});

test('any bytes of notes give a value or a FarcallError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), notes => {
      valueOrError(() => findVmcoreInfo(notes));
    }),
  );
});
