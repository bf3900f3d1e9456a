import { describe, expect, test } from 'vitest';
import { BTF_KIND } from '../../../../agent/compiler/btf/index.ts';
import type { ModuleAbi } from '../../../../agent/compiler/index.ts';
import { BtfBuilder } from '../support/btf-builder.ts';
import { disassemble } from '../support/disassemble.ts';
import { kernelOf } from '../support/kernel-of.ts';
import { type ReadElf, readElf } from '../support/read-elf.ts';

/** Where arm64 kernels are. */
const TEXT = { eleven: 0xffff800080000000n, get_long: 0xffffa5c0d1234568n } as const;
const PROGRAM = 'eleven(1, -2, 3, 4, 5, 6, 7, 8, 9, 10, get_long())';
const WRITES_BITS = '((struct bits *)get_long())->low = 1';
const INIT_OFFSET = 16;

/** `pre-5.16`: an exception table of two distances each. */
function compile(program: string, abi: Partial<ModuleAbi> = {}, table: '5.10' | '6.1' = '6.1') {
  const b = new BtfBuilder();
  const int = b.int('int', 4);
  const short = b.int('short int', 2);
  const long = b.int('long int', 8);
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'];
  b.func('eleven', long, Object.fromEntries(names.map(name => [name, long])));
  b.func('get_long', long);
  b.struct('bits', 4, [{ name: 'low', type: int, bitOffset: 0, bitWidth: 3 }]);
  const distances = ['insn', 'fixup'].map((name, index) => ({ name, type: int, bitOffset: index * 32 }));
  const words = ['type', 'data'].map((name, index) => ({ name, type: short, bitOffset: 64 + index * 16 }));
  if (table === '5.10') b.struct('exception_table_entry', 8, distances);
  else b.struct('exception_table_entry', 12, [...distances, ...words]);
  return kernelOf(b, { arch: 'aarch64', text: TEXT, abi }).compile(program, 'farcall_test');
}

function section(elf: ReadElf, name: string) {
  const found = elf.sections.get(name);
  if (!found) throw new Error(`there is no section ${name}`);
  return found;
}

const compiled = compile(PROGRAM);
const elf = readElf(compiled.image);

describe('readelf finds a kernel module for arm64', () => {
  test('the module is a relocatable file for AArch64', () => {
    expect(elf.text).toMatch(/Type: +REL \(Relocatable file\)/);
    expect(elf.text).toMatch(/Machine: +AArch64/);
  });

  test('the module has exactly the expected sections', () => {
    expect([...elf.sections].map(([name, { type, flags }]) => [name, type, flags])).toEqual([
      ['.init.text', 'PROGBITS', 'AX'],
      ['.bss', 'NOBITS', 'WA'],
      ['.gnu.linkonce.this_module', 'PROGBITS', 'WA'],
      ['.modinfo', 'PROGBITS', 'A'],
      ['.plt', 'NOBITS', 'AX'],
      ['.init.plt', 'NOBITS', 'AX'],
      ['.text.ftrace_trampoline', 'NOBITS', 'AX'],
      ['.init.text.ftrace_trampoline', 'NOBITS', 'AX'],
      ['.rela.init.text', 'RELA', 'I'],
      ['.rela.gnu.linkonce.this_module', 'RELA', 'I'],
      ['.symtab', 'SYMTAB', ''],
      ['.strtab', 'STRTAB', ''],
      ['.shstrtab', 'STRTAB', ''],
    ]);
  });

  test('the code of the module has relocations for the address of .bss only', () => {
    const first = disassemble(compiled.text, 'aarch64').find(({ text }) => text === 'mov x19, #0x0')!.offset;
    expect(elf.relocations.get('.rela.init.text')).toEqual(
      ['G0_NC', 'G1_NC', 'G2_NC', 'G3'].map((part, index) => ({
        offset: INIT_OFFSET + first + 4 * index,
        type: `R_AARCH64_MOVW_UABS_${part}`,
        symbol: '.bss + 0',
      })),
    );
  });

  test('a constant has a relocation with its offset in .data', () => {
    const image = readElf(compile('(long)"first" + (long)"second"').image);
    const symbols = image.relocations.get('.rela.init.text')!.map(({ symbol }) => symbol);
    expect([...new Set(symbols)]).toEqual(['.bss + 0', '.data + 0', '.data + 6']);
    expect(Buffer.from(section(image, '.data').bytes).toString('latin1')).toBe('first\0second\0');
  });

  test('the structure of the module gets the address of init', () => {
    expect(elf.relocations.get('.rela.gnu.linkonce.this_module')).toEqual([
      { offset: 312, type: 'R_AARCH64_ABS64', symbol: 'init_module + 0' },
    ]);
  });

  test('.modinfo on arm64 lacks the entry that x86-64 needs', () => {
    expect(Buffer.from(section(elf, '.modinfo').bytes).toString('latin1')).toBe(
      'license=GPL\0depends=\0name=farcall_test\0vermagic=6.1.0-test SMP \0',
    );
  });

  test('the kCFI hash is right before init', () => {
    const text = section(readElf(compile(PROGRAM, { kcfiInitHash: 0x36b1c5a6 }).image), '.init.text');
    expect(Buffer.from(text.bytes).readUInt32LE(INIT_OFFSET - 4)).toBe(0x36b1c5a6);
    expect(disassemble(text.bytes.subarray(INIT_OFFSET), 'aarch64')[0]!.text).toBe('bti c');
  });
});

describe('the code of an arm64 module', () => {
  const texts = disassemble(compiled.text, 'aarch64').map(({ text }) => text);

  test('a call uses ret, which may land on functions without bti', () => {
    const calls = texts.flatMap((text, index) => (text === 'ret x16' ? [texts[index - 1]!] : []));
    expect(calls).toHaveLength(3);
    for (const before of calls) expect(before).toMatch(/^adr x30, /);
    expect(texts.filter(text => /^(blr|br|bl)\b/.test(text))).toEqual([]);
  });

  test('init restores the registers that it saved and returns -EINPROGRESS', () => {
    expect(texts.slice(0, 4)).toEqual([
      'bti c',
      'stp x29, x30, [sp, #-32]!',
      'mov x29, sp',
      'str x19, [sp, #16]',
    ]);
    expect(texts.slice(-5)).toEqual([
      'mov x0, #0xffffffffffffff8d',
      'mov sp, x29',
      'ldr x19, [sp, #16]',
      'ldp x29, x30, [sp], #32',
      'ret',
    ]);
  });

  test('the code never uses x18, which may hold the shadow call stack', () => {
    for (const program of [PROGRAM, WRITES_BITS]) {
      const all = disassemble(compile(program).text, 'aarch64').map(({ text }) => text);
      expect(all.filter(text => /\b[xw]18\b/.test(text))).toEqual([]);
    }
  });

  test('arguments from the ninth on are passed in stack slots of 8 bytes', () => {
    expect(texts).toContain('sub sp, sp, x16');
    expect(texts.filter(text => /^str x9, \[sp/.test(text))).toEqual([
      'str x9, [sp]',
      'str x9, [sp, #8]',
      'str x9, [sp, #16]',
    ]);
  });
});

describe('the exception table of an arm64 module', () => {
  /** What load and store exclusive stand at, and where the kernel goes on. */
  function entries(table: '5.10' | '6.1') {
    const call = compile(WRITES_BITS, {}, table);
    const image = readElf(call.image);
    return {
      bytes: Buffer.from(section(image, '__ex_table').bytes),
      relocations: image.relocations.get('.rela__ex_table')!,
      code: disassemble(call.text, 'aarch64'),
    };
  }

  test.each([
    ['6.1', 12],
    ['5.10', 8],
  ] as const)('as on %s has an entry of %d bytes for each of the two', (table, entryBytes) => {
    const { bytes, relocations, code } = entries(table);
    expect(bytes.length).toBe(2 * entryBytes);
    const at = code
      .filter(({ text }) => /^(ldxr|stlxr)/.test(text))
      .map(({ offset }) => `.init.text + ${(offset + INIT_OFFSET).toString(16)}`);
    expect(at).toHaveLength(2);
    const named = relocations.map(({ offset, type, symbol }) => [offset, type, symbol]);
    expect(named.filter(([offset]) => Number(offset) % entryBytes === 0)).toEqual(
      at.map((symbol, index) => [index * entryBytes, 'R_AARCH64_PREL32', symbol]),
    );
    expect(named.filter(([offset]) => Number(offset) % entryBytes === 4)).toHaveLength(2);
  });

  test('an exception entry for 5.16 and later asks only to resume', () => {
    const { bytes } = entries('6.1');
    for (const at of [0, 12]) {
      expect(bytes.readUInt16LE(at + 8)).toBe(3);
      // both registers that the kernel would write to are xzr
      expect([bytes.readUInt16LE(at + 10) & 31, (bytes.readUInt16LE(at + 10) >> 5) & 31]).toEqual([31, 31]);
    }
  });
});

test('a kernel whose exception table looks like nothing that is known is refused', () => {
  const b = new BtfBuilder();
  const int = b.int('int', 4);
  b.func('get_long', b.int('long int', 8));
  b.struct('bits', 4, [{ name: 'low', type: int, bitOffset: 0, bitWidth: 3 }]);
  b.struct('exception_table_entry', 16, [{ name: 'insn', type: b.ref(BTF_KIND.PTR, 0), bitOffset: 0 }]);
  const compiler = kernelOf(b, { arch: 'aarch64', text: { get_long: TEXT.get_long } });
  expect(() => compiler.compile(WRITES_BITS, 'farcall_test')).toThrow(/bit fields cannot be written/);
});
