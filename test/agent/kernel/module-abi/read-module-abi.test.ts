import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readModuleAbi } from '../../../../agent/kernel/index.ts';
import { textSymbols } from '../../../../agent/kernel/kallsyms/index.ts';
import { LayeredTable } from '../../../../agent/kernel/kallsyms/layered-table.ts';
import { relocatableFile, versionsSection } from '../help/elf-files.ts';
import { FakeMemory, u32s } from '../help/fake-memory.ts';
import { hostFolder } from '../help/host-folder.ts';

const RELEASE = '6.1.0-37-amd64';
const VERMAGIC = `${RELEASE} SMP preempt mod_unload modversions `;
const BASE = 0xffff_ffff_8100_0000n;
const EXPORTS = ['_printk', 'kfree', 'module_layout', 'wake_up_process'];
const CRCS = [0x11111111, 0x22222222, 0xbce21aa5, 0x44444444];

interface Layout {
  readonly vermagic?: string;
  readonly names?: readonly string[];
  readonly relativeCrcs?: boolean;
  readonly kcfi?: boolean;
}

/**
 * A kernel of a few pages: vermagic at +0x100, exports' names from +0x1000, tables from +0x2000, CRCs at
 * +0x3000.
 */
function kernel({ vermagic = VERMAGIC, names = EXPORTS, relativeCrcs = false, kcfi = false }: Layout) {
  const entries = names.flatMap((_, index) => {
    const place = 0x2000 + 12 * index + 4;
    return [0, 0x1000 + 64 * index - place, 0];
  });
  const strings = Buffer.concat(names.map(name => Buffer.from(name.padEnd(64, '\0'))));
  const crcs = relativeCrcs ? names.map((_, index) => 0x3000 + 4 * index - (0x2800 + 4 * index)) : CRCS;
  const memory = new FakeMemory()
    .put(BASE + 0x100n, Buffer.from(vermagic.padEnd(512, '\0')))
    .put(BASE + 0x1000n, Buffer.concat([strings, Buffer.alloc(512)]))
    .put(BASE + 0x2000n, u32s(...entries))
    .put(BASE + 0x2800n, u32s(...crcs.slice(0, names.length)))
    .put(BASE + 0x3000n, u32s(...CRCS));
  const places: readonly (readonly [string, number])[] = [
    ['_stext', 0],
    ['vermagic', 0x100],
    ...(kcfi ? [['report_cfi_failure', 0x200] as const] : []),
    ['__start___ksymtab', 0x2000],
    ['__stop___ksymtab', 0x2000 + 12 * names.length],
    ['__start___kcrctab', 0x2800],
    ['__stop___kcrctab', 0x2800 + 4 * names.length],
  ];
  const lines = places.map(([name, at]) => `${(BASE + BigInt(at)).toString(16)} T ${name}\n`);
  const { kernel: store, modules } = textSymbols(Buffer.from(lines.join('')));
  return { memory, symbols: new LayeredTable(store, () => modules) };
}

const NO_FILES = () => hostFolder({});

describe('the module ABI from memory', () => {
  const rows: readonly (readonly [string, Layout, number | undefined])[] = [
    ['the CRC at the place of the name', {}, 0xbce21aa5],
    ['a CRC that stands elsewhere', { relativeCrcs: true }, 0xbce21aa5],
    ['no CRC without modversions', { vermagic: `${RELEASE} SMP ` }, undefined],
  ];
  test.each(rows)(
    'the module ABI from memory has or lacks what the memory says: %s',
    (_name, layout, crc) => {
      const abi = readModuleAbi({ ...kernel(layout), release: RELEASE, files: NO_FILES() });
      expect(abi).toEqual({
        vermagic: layout.vermagic ?? VERMAGIC,
        moduleLayoutCrc: crc,
        kcfiInitHash: undefined,
      });
    },
  );
});

describe('the module ABI from module files', () => {
  const file = (vermagic = VERMAGIC) =>
    relocatableFile({
      '.modinfo': Buffer.from(`vermagic=${vermagic}\0`),
      __versions: versionsSection({ module_layout: 0xabcd }),
    });
  const { symbols } = kernel({});
  const read = (files: Record<string, Uint8Array>) => {
    const folders = Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [`modules/${RELEASE}/${name}`, bytes]),
    );
    return readModuleAbi({ symbols, memory: undefined, release: RELEASE, files: hostFolder(folders) });
  };
  const expected = { vermagic: VERMAGIC, moduleLayoutCrc: 0xabcd, kcfiInitHash: undefined };

  test.each([
    ['plain', { 'kernel/net/a.ko': file() }],
    ['gzip', { 'kernel/net/a.ko.gz': gzipSync(file()) }],
    ['zstd', { 'kernel/net/a.ko.zst': zstdCompressSync(file()) }],
    [
      'behind unreadable ones',
      { 'a.ko': Buffer.from('x'), 'b.ko.xz': Buffer.from('x'), 'kernel/c.ko': file() },
    ],
    ['behind one of another kernel', { 'a.ko': file('5.10.0-1-amd64 SMP '), 'kernel/c.ko': file() }],
  ])('the module ABI from module files is read from the files: %s', (_name, files) => {
    expect(read(files)).toEqual(expected);
  });

  test('the module ABI from module files is read if the memory lacks the export', () => {
    const files = hostFolder({ [`modules/${RELEASE}/a.ko`]: file() });
    const abi = readModuleAbi({ ...kernel({ names: ['_printk', 'kfree'] }), release: RELEASE, files });
    expect(abi.moduleLayoutCrc).toBe(0xabcd);
  });

  test('the module ABI from module files is missing if nothing tells: the kernel lacks it', () => {
    expect(() => read({})).toThrow(expect.objectContaining({ code: 'KERNEL_LACKS' }));
    expect(() => read({ 'a.ko': file('5.10.0-1-amd64 SMP ') })).toThrow(/vermagic/);
    const noCrc = { ...kernel({ names: ['_printk'] }), release: RELEASE, files: NO_FILES() };
    expect(() => readModuleAbi(noCrc)).toThrow(/CRC of module_layout/);
  });

  test('the module ABI from module files is not looked for in a path that a release names', () => {
    const files = hostFolder({ 'modules/a.ko': file() });
    const outside = { symbols, memory: undefined, release: `../modules`, files };
    expect(() => readModuleAbi(outside)).toThrow(expect.objectContaining({ code: 'KERNEL_LACKS' }));
  });
});

describe('the kCFI hash of init functions', () => {
  const HASH = 0x36b1c5a6;
  const plain = (hash: number) => Buffer.concat([Buffer.alloc(12), u32s(hash)]);
  const moved = (hash: number) => Buffer.concat([Buffer.from([0xb8]), u32s(hash), Buffer.alloc(11, 0x90)]);
  const at = [0x8000n, 0x8100n, 0x8200n, 0x8300n, 0x9000n].map(offset => BASE + offset);
  const withFunctions = (layout: Layout, before: readonly Buffer[]) => {
    const host = kernel(layout);
    for (const [index, bytes] of before.entries()) host.memory.put(at[index]! - 16n, bytes);
    return readModuleAbi({ ...host, release: RELEASE, files: NO_FILES(), initFunctions: () => at })
      .kcfiInitHash;
  };

  test.each([
    ['stands before functions', [plain(HASH), plain(1), plain(HASH), plain(HASH)]],
    ['stands in a mov on x86', [moved(HASH), moved(HASH), moved(HASH), moved(2)]],
  ])('the kCFI hash of init functions is the commonest hash %s', (_name, before) => {
    expect(withFunctions({ kcfi: true }, before)).toBe(HASH);
  });

  test('the kCFI hash of init functions is none on a kernel without kCFI, whatever stands there', () => {
    expect(withFunctions({}, [plain(HASH), plain(HASH), plain(HASH)])).toBeUndefined();
  });

  test('the kCFI hash of init functions is none if only padding or two chance matches are found', () => {
    const padding = plain(0x90909090);
    expect(withFunctions({ kcfi: true }, [padding, padding, padding, padding])).toBeUndefined();
    expect(withFunctions({ kcfi: true }, [plain(HASH), plain(HASH), padding])).toBeUndefined();
  });

  test('the kCFI hash of handlers is what the kernel has before its own, if they agree', () => {
    const names = ['aggr_pre_handler', 'kprobe_dispatcher', 'kretprobe_dispatcher'];
    const hashesOf = (before: readonly Buffer[], kcfi = true) => {
      const host = kernel({ kcfi });
      for (const [index, bytes] of before.entries()) host.memory.put(at[index]! - 16n, bytes);
      const lookup = (name: string) => {
        const index = names.indexOf(name);
        return index < 0
          ? host.symbols.lookup(name)
          : [{ name, address: at[index]!, type: 't', module: undefined }];
      };
      const symbols = Object.assign(Object.create(host.symbols), { lookup });
      const abi = readModuleAbi({ ...host, symbols, release: RELEASE, files: NO_FILES() });
      return [abi.kcfiEntryHash, abi.kcfiReturnHash];
    };
    expect(hashesOf([plain(HASH), plain(HASH), moved(7)])).toEqual([HASH, 7]);
    expect(hashesOf([plain(HASH), plain(1), plain(0x90909090)])).toEqual([undefined, undefined]);
    expect(hashesOf([plain(HASH), plain(HASH), moved(7)], false)).toEqual([undefined, undefined]);
  });
});
