import { describe, expect, onTestFinished, test } from 'vitest';
import { openKcore, openSymbols } from '../../../../agent/kernel/index.ts';
import { coreFile, note } from '../help/elf-files.ts';
import { hostFolder, writeIn } from '../help/host-folder.ts';
import { IMAGE_BASE, kallsymsImage, someSymbols } from '../help/kallsyms-image.ts';

const KERNEL = 'ffffffff81000000 T _stext\nffffffff81000100 T _printk\nffffffff81000200 B _end\n';
const MODULES = 'nfsd 815104 13 auth_rpcgss,lockd, Live 0xffffffffc0201000 (E)\n';
const NFSD = 'ffffffffc0201000 t nfsd_svc\t[nfsd]\n';
const KEYS = ['num_syms', 'names', 'token_table', 'token_index', 'relative_base', 'offsets'];

function kcoreFile(): Buffer {
  const own = [{ type: 'T', name: '_printk', address: IMAGE_BASE + 0x10_0000n }];
  const { pieces, info } = kallsymsImage(someSymbols(own), 'base-relative');
  const bytes = [
    pieces.numSyms,
    pieces.names,
    pieces.tokenTable,
    pieces.tokenIndex,
    pieces.base,
    pieces.offsets,
  ];
  const symbols = KEYS.map(key => `kallsyms_${key}`);
  const lines = ['_stext', ...symbols].map(name => `SYMBOL(${name})=${info.symbol(name)!.toString(16)}\n`);
  return coreFile(
    symbols.map((name, index) => ({ address: info.symbol(name)!, bytes: bytes[index]! })),
    note('VMCOREINFO', lines.join('')),
  );
}

function openedKcore(files: ReturnType<typeof hostFolder>) {
  const kcore = openKcore(files);
  onTestFinished(() => kcore.close());
  return kcore;
}

describe('symbols from memory', () => {
  test("symbols from memory are read from the kernel's memory, and those of modules from the text when needed", () => {
    const files = hostFolder({
      'proc/kcore': kcoreFile(),
      'proc/kallsyms': KERNEL + NFSD,
      'proc/modules': MODULES,
    });
    const symbols = openSymbols(openedKcore(files), files);
    expect(symbols).toMatchObject({ origin: 'memory', fallbackReason: undefined });
    expect(symbols.table.lookup('_printk')[0]!.address).toBe(IMAGE_BASE + 0x10_0000n);
    expect(symbols.table.lookup('nfsd_svc')[0]!.module).toBe('nfsd');
  });

  test('symbols from memory have no modules if no text can be read, and that is no error', () => {
    const files = hostFolder({ 'proc/kcore': kcoreFile(), 'proc/modules': MODULES });
    expect(openSymbols(openedKcore(files), files).table.lookup('nfsd_svc')).toEqual([]);
  });
});

describe('the names at an address', () => {
  const twice = `${KERNEL.replace('_printk\n', '_printk\nffffffff81000100 t printk_alias\n')}${NFSD}`;

  test('the names at an address are all symbols that begin there, in the text and in modules', () => {
    const files = hostFolder({ 'proc/kallsyms': twice, 'proc/modules': MODULES });
    const { table, text } = openSymbols(undefined, files);
    expect(table.namesAt?.(0xffffffff81000100n)).toEqual(['_printk', 'printk_alias']);
    expect(table.namesAt?.(0xffffffff81000104n)).toEqual([]);
    expect(table.namesAt?.(0xffffffffc0201000n)).toEqual(['nfsd_svc']);
    expect(text().map(({ name, module }) => [name, module])).toEqual([
      ['_stext', undefined],
      ['_printk', undefined],
      ['printk_alias', undefined],
      ['nfsd_svc', 'nfsd'],
    ]);
  });

  test('the names at an address are the same from the memory of the kernel', () => {
    const files = hostFolder({
      'proc/kcore': kcoreFile(),
      'proc/kallsyms': KERNEL + NFSD,
      'proc/modules': MODULES,
    });
    const { table, text } = openSymbols(openedKcore(files), files);
    expect(table.namesAt?.(IMAGE_BASE + 0x10_0000n)).toEqual(['_printk']);
    expect(text().find(({ name }) => name === '_printk')?.address).toBe(IMAGE_BASE + 0x10_0000n);
  });
});

describe('symbols from text', () => {
  test('symbols from text are read if there is no memory to read', () => {
    const files = hostFolder({ 'proc/kallsyms': KERNEL + NFSD, 'proc/modules': MODULES });
    const symbols = openSymbols(undefined, files);
    expect(symbols.origin).toBe('text');
    expect(symbols.fallbackReason).toMatch(/kcore/);
    expect(symbols.table.lookup('_printk')).toHaveLength(1);
    expect(symbols.table.lookup('nfsd_svc')).toHaveLength(1);
  });

  test('symbols from text are read if the kernel does not tell where its table is, and the reason is given', () => {
    const file = coreFile([{ address: IMAGE_BASE, bytes: new Uint8Array(8) }]);
    const files = hostFolder({ 'proc/kcore': file, 'proc/kallsyms': KERNEL });
    const symbols = openSymbols(openedKcore(files), files);
    expect(symbols.fallbackReason).toMatch(/VMCOREINFO does not tell where kallsyms_num_syms is/);
    expect(symbols.table.lookup('_printk')).toHaveLength(1);
  });

  test('symbols from text with hidden addresses are an error', () => {
    const files = hostFolder({ 'proc/kallsyms': '0000000000000000 T _stext\n' });
    expect(() => openSymbols(undefined, files)).toThrow(expect.objectContaining({ code: 'PERMISSION' }));
  });

  test('symbols from text are an error if the file is missing', () => {
    expect(() => openSymbols(undefined, hostFolder({}))).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE' }),
    );
  });
});

describe('the symbols of modules that come and go', () => {
  test('the symbols of modules that come and go are found at their new addresses', () => {
    const files = hostFolder({ 'proc/kallsyms': KERNEL + NFSD, 'proc/modules': MODULES });
    const { table } = openSymbols(undefined, files);
    expect(table.lookup('nfsd_svc')[0]!.address & 0xffff_ffffn).toBe(0xc020_1000n);

    writeIn(files.root, 'proc/kallsyms', KERNEL + NFSD.replace('c0201', 'c0777'));
    expect(table.lookup('nfsd_svc')[0]!.address & 0xffff_ffffn).toBe(0xc020_1000n);
    writeIn(files.root, 'proc/modules', MODULES.replace('c0201', 'c0777'));
    expect(table.lookup('nfsd_svc')[0]!.address & 0xffff_ffffn).toBe(0xc077_7000n);

    writeIn(files.root, 'proc/modules', '');
    expect(table.lookup('nfsd_svc')).toEqual([]);
  });

  test('the symbols of modules that come and go are not read again when only a use count changes', () => {
    const files = hostFolder({ 'proc/kallsyms': KERNEL + NFSD, 'proc/modules': MODULES });
    const { table } = openSymbols(undefined, files);
    writeIn(files.root, 'proc/kallsyms', KERNEL);
    writeIn(files.root, 'proc/modules', MODULES.replace(' 13 ', ' 14 '));
    expect(table.lookup('nfsd_svc')).toHaveLength(1);
  });
});
