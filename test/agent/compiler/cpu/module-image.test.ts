import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { ModuleAbi } from '../../../../agent/compiler/index.ts';
import { buildModule } from '../../../../agent/compiler/kmodule/index.ts';
import { BtfBuilder } from '../support/btf-builder.ts';
import { disassemble, withFile } from '../support/disassemble.ts';
import { failureOf } from '../support/guarded.ts';
import { kernelOf } from '../support/kernel-of.ts';
import { type ReadElf, readElf } from '../support/read-elf.ts';

/** Functions at the ends of where a kernel may be. */
const TEXT = {
  eight: 0xffffffff80000000n,
  get_long: 0xffffffff81234567n,
  get_int: 0xfffffffffffffff0n,
  init_module: 0xffffffff81111110n,
} as const;
const COPY_TO_USER = 0xffffffff81234560n;
const PROGRAM = 'eight(1, -2, 3, 4, 5, 6, 7, get_long() * 2 + get_int())';
const NAME = 'farcall_0123456789abcdef';
const INIT_OFFSET = 16;

function compile(program = PROGRAM, abi: Partial<ModuleAbi> = {}, name = NAME) {
  const b = new BtfBuilder();
  const int = b.int('int', 4);
  const long = b.int('long int', 8);
  b.func('eight', long, { a: int, b: int, c: int, d: int, e: int, f: int, g: int, h: long });
  b.func('get_long', long);
  b.func('get_int', int);
  b.func('init_module', int);
  return kernelOf(b, { text: TEXT, abi }).compile(program, name);
}

function section(elf: ReadElf, name: string) {
  const found = elf.sections.get(name);
  if (!found) throw new Error(`there is no section ${name}`);
  return found;
}

function modinfo(elf: ReadElf): string[] {
  return Buffer.from(section(elf, '.modinfo').bytes).toString('latin1').split('\0').slice(0, -1);
}

const compiled = compile();
const elf = readElf(compiled.image);

describe('readelf finds a kernel module', () => {
  test('the module is a relocatable file for x86-64', () => {
    expect(elf.text).toMatch(/Type: +REL \(Relocatable file\)/);
    expect(elf.text).toMatch(/Machine: +Advanced Micro Devices X86-64/);
    expect(elf.text).toMatch(/Flags: +0x0\n/);
  });

  test('the module has exactly the expected sections', () => {
    const rows = [...elf.sections].map(([name, { type, flags, alignment }]) => [
      name,
      type,
      flags,
      alignment,
    ]);
    expect(rows).toEqual([
      ['.init.text', 'PROGBITS', 'AX', 16],
      ['.bss', 'NOBITS', 'WA', 16],
      ['.gnu.linkonce.this_module', 'PROGBITS', 'WA', 64],
      ['.modinfo', 'PROGBITS', 'A', 1],
      ['.rela.init.text', 'RELA', 'I', 8],
      ['.rela.gnu.linkonce.this_module', 'RELA', 'I', 8],
      ['.symtab', 'SYMTAB', '', 8],
      ['.strtab', 'STRTAB', '', 1],
      ['.shstrtab', 'STRTAB', '', 1],
    ]);
  });

  test('each section is aligned, within the file, and overlaps no other', () => {
    let end = 64;
    for (const [name, { type, offset, sizeBytes, alignment }] of elf.sections) {
      expect(offset % alignment, name).toBe(0);
      expect(offset, name).toBeGreaterThanOrEqual(end);
      if (type !== 'NOBITS') end = offset + sizeBytes;
    }
    expect(end).toBeLessThanOrEqual(compiled.image.length);
  });

  test('relocations refer to existing sections and symbols', () => {
    const symtab = section(elf, '.symtab');
    for (const name of ['.init.text', '.gnu.linkonce.this_module']) {
      const { link, info } = section(elf, `.rela${name}`);
      expect([link, info]).toEqual([symtab.index, section(elf, name).index]);
    }
    expect(symtab.link).toBe(section(elf, '.strtab').index);
  });

  test('the symbol table has sections, absolute functions, then global symbols', () => {
    const index = (name: string) => String(section(elf, name).index);
    const named = elf.symbols.filter(({ type }) => type !== 'SECTION' && type !== 'NOTYPE');
    expect(named.map(({ name, value, bind, section }) => [name, value, bind, section])).toEqual([
      ['get_long', TEXT.get_long, 'LOCAL', 'ABS'],
      ['get_int', TEXT.get_int, 'LOCAL', 'ABS'],
      ['eight', TEXT.eight, 'LOCAL', 'ABS'],
      ['copy_to_user_nofault', COPY_TO_USER, 'LOCAL', 'ABS'],
      ['init_module', BigInt(INIT_OFFSET), 'GLOBAL', index('.init.text')],
      ['__this_module', 0n, 'GLOBAL', index('.gnu.linkonce.this_module')],
    ]);
    expect(elf.symbols.findIndex(({ bind }) => bind === 'GLOBAL')).toBe(section(elf, '.symtab').info);
    expect(elf.symbols.filter(({ bind }) => bind === 'LOCAL')).toHaveLength(section(elf, '.symtab').info);
    expect(elf.symbols.filter(({ section }) => section === 'UND')).toHaveLength(1);
  });

  test('the symbol of the init function is as large as its code', () => {
    const init = elf.symbols.find(({ name }) => name === 'init_module')!;
    const text = section(elf, '.init.text');
    expect(init.sizeBytes).toBe(compiled.text.length);
    expect(text.sizeBytes).toBe(INIT_OFFSET + compiled.text.length);
    expect(Buffer.from(text.bytes.subarray(INIT_OFFSET)).equals(compiled.text)).toBe(true);
  });
});

describe('the module image that the kernel reads', () => {
  test('struct module has its size, its name and nothing else', () => {
    const { bytes, sizeBytes } = section(elf, '.gnu.linkonce.this_module');
    expect(sizeBytes).toBe(896);
    const expected = Buffer.alloc(896);
    expected.write(NAME, 24);
    expect(Buffer.from(bytes).equals(expected)).toBe(true);
  });

  test('struct module gets the address of init', () => {
    expect(elf.relocations.get('.rela.gnu.linkonce.this_module')).toEqual([
      { offset: 312, type: 'R_X86_64_64', symbol: 'init_module + 0' },
    ]);
  });

  test('every call and the address of .bss is relocated where its field is', () => {
    const lines = disassemble(compiled.text);
    const fields = lines
      .filter(({ text }) => /^call|\(%rip\)/.test(text))
      .map(({ offset, text }) => offset + INIT_OFFSET + (text.startsWith('call') ? 1 : 3));
    expect(elf.relocations.get('.rela.init.text')).toEqual(
      [
        ['R_X86_64_PC32', '.bss - 4'],
        ['R_X86_64_PLT32', 'get_long - 4'],
        ['R_X86_64_PLT32', 'get_int - 4'],
        ['R_X86_64_PLT32', 'eight - 4'],
        ['R_X86_64_PLT32', 'copy_to_user_nofault - 4'],
      ].map(([type, symbol], index) => ({ offset: fields[index], type, symbol })),
    );
    expect(fields).toHaveLength(5);
  });

  test('.modinfo has the vermagic up to its last blank', () => {
    const vermagic = '6.1.0-37-amd64 SMP preempt mod_unload modversions ';
    expect(modinfo(readElf(compile(PROGRAM, { vermagic }).image))).toEqual([
      'license=GPL',
      'depends=',
      'retpoline=Y',
      `name=${NAME}`,
      `vermagic=${vermagic}`,
    ]);
  });

  test('__versions has the CRC of module_layout if the kernel has one', () => {
    const { flags, bytes } = section(
      readElf(compile(PROGRAM, { moduleLayoutCrc: 0xfedcba98 }).image),
      '__versions',
    );
    const expected = Buffer.alloc(64);
    expected.writeUInt32LE(0xfedcba98);
    expected.write('module_layout', 8);
    expect(flags).toBe('A');
    expect(Buffer.from(bytes).equals(expected)).toBe(true);
    expect(elf.sections.has('__versions')).toBe(false);
  });

  test('a CRC of 0 is written like any other', () => {
    expect(readElf(compile(PROGRAM, { moduleLayoutCrc: 0 }).image).sections.has('__versions')).toBe(true);
  });

  test('the kCFI hash stands right before init, and is 0 on other kernels', () => {
    const wordOf = (elf: ReadElf) =>
      Buffer.from(section(elf, '.init.text').bytes).readUInt32LE(INIT_OFFSET - 4);
    expect(wordOf(readElf(compile(PROGRAM, { kcfiInitHash: 0x36b1c5a6 }).image))).toBe(0x36b1c5a6);
    expect(wordOf(readElf(compile(PROGRAM, { kcfiInitHash: 0xffffffff }).image))).toBe(0xffffffff);
    expect(wordOf(elf)).toBe(0);
  });

  test('init starts with endbr64', () => {
    expect(disassemble(compiled.text)[0]!.text).toBe('endbr64');
  });
});

test('a program with strings has them in .data, each ended by a NUL', () => {
  const elf = readElf(compile('(long)"abc" + (long)"\\xff" + get_int()').image);
  expect(Buffer.from(section(elf, '.data').bytes).toString('latin1')).toBe('abc\0\xff\0');
  expect(
    elf.relocations
      .get('.rela.init.text')!
      .map(({ symbol }) => symbol)
      .slice(1, 3),
  ).toEqual(['.data - 4', '.data + 0']);
});

test('zeros take no space in the image: rows do not make it larger', () => {
  const [one, rows] = ['get_int()', 'report(get_int())'].map(program => compile(program).image);
  expect(one!.length).toBeLessThan(3000);
  expect(rows!.length - one!.length).toBeLessThan(500);
});

test('a function that is named like what every module has is another symbol', () => {
  const { symbols } = readElf(compile('init_module()').image);
  expect(symbols.filter(({ name }) => name.startsWith('init_module')).map(({ name }) => name)).toEqual([
    `init_module.${TEXT.init_module.toString(16)}`,
    'init_module',
  ]);
});

test('a program without calls has still what it needs', () => {
  const small = readElf(compile('1').image);
  expect(small.relocations.get('.rela.init.text')!.map(({ symbol }) => symbol)).toEqual([
    '.bss - 4',
    'copy_to_user_nofault - 4',
  ]);
});

test('a function that is called twice is one symbol', () => {
  const twice = readElf(compile('get_int() + get_int()').image);
  expect(twice.symbols.filter(({ name }) => name === 'get_int')).toHaveLength(1);
  expect(twice.relocations.get('.rela.init.text')).toHaveLength(4);
});

describe('the name of a module is checked', () => {
  test('a module name may be as long as the kernel allows', () => {
    const name = 'm'.repeat(55);
    const { bytes } = section(readElf(compile(PROGRAM, {}, name).image), '.gnu.linkonce.this_module');
    expect(Buffer.from(bytes).subarray(24, 80).toString('latin1')).toBe(`${name}\0`);
  });

  test('a longer module name is refused', () => {
    expect(failureOf(() => compile(PROGRAM, {}, 'm'.repeat(56))).code).toBe('INTERNAL');
  });
});

test('two functions of one name are refused and not mixed up', () => {
  const code = {
    text: new Uint8Array(1),
    data: new Uint8Array(0),
    zeroBytes: 40,
    relocations: [],
    faults: [],
    handlers: [],
  };
  const targets = [TEXT.eight, TEXT.get_int].map(address => ({ name: 'same', address }));
  const abi = { vermagic: '', moduleLayoutCrc: undefined, kcfiInitHash: undefined };
  const layout = { sizeBytes: 896, nameOffset: 24, nameBytes: 56, initOffset: 312 };
  const faultHandler = () => ({ kind: 'word', function: undefined }) as const;
  const build = () =>
    buildModule({ arch: 'x86_64', name: 'm', code: { ...code, targets }, abi, layout, faultHandler });
  expect(failureOf(build).code).toBe('INTERNAL');
});

test('the same program, name and kernel give the same bytes; another name gives others', () => {
  expect(Buffer.compare(compile().image, compiled.image)).toBe(0);
  expect(Buffer.compare(compile(PROGRAM, {}, 'farcall_other').image, compiled.image)).not.toBe(0);
});

/** modinfo lives where not every user's PATH leads. */
const withSbin = {
  encoding: 'utf8',
  env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
} as const;
const hasModinfo = spawnSync('modinfo', ['--version'], withSbin).status === 0;

test.skipIf(!hasModinfo)('modinfo of kmod reads the module (skipped without kmod)', () => {
  const fields = withFile(compiled.image, path => execFileSync('modinfo', [path], withSbin), `${NAME}.ko`);
  expect(fields).toMatch(/^license: +GPL$/m);
  expect(fields).toMatch(new RegExp(`^name: +${NAME}$`, 'm'));
  expect(fields).toMatch(/^vermagic: +6\.1\.0-test SMP $/m);
});

test('a program with eight arguments has the expected listing', async () => {
  const listing = withFile(compiled.image, path =>
    execFileSync('objdump', ['-dr', '-w', '--no-show-raw-insn', '-j', '.init.text', path], {
      encoding: 'utf8',
    }),
  );
  const lines = listing
    .split('\n')
    .slice(2)
    .map(line => line.replace(/\s+/g, ' ').trim());
  await expect(`${lines.join('\n').trim()}\n`).toMatchFileSnapshot('../golden/eight-arguments.txt');
});
