import { describe, expect, test } from 'vitest';
import {
  Arm64Assembler,
  ARM64_COND as COND,
  ARM64_REG as REG,
} from '../../../../agent/compiler/codegen/index.ts';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { type Emitted, FORMS, hex, REGS, SIZES } from '../support/aarch64-forms.ts';
import { disassemble } from '../support/disassemble.ts';

/** Lets the assembler write all of them, and objdump read them at once. */
function written(forms: readonly Emitted[]): string[] {
  const asm = new Arm64Assembler();
  for (const { emit } of forms) emit(asm);
  return disassemble(asm.code.finish(), 'aarch64').map(({ text }) => text);
}

describe('each form of the assembler is what its name says', () => {
  const all = Object.entries(FORMS);
  const listing = written(all.flatMap(([, forms]) => forms));
  let next = 0;
  const rows = all.map(([name, forms]) => {
    const from = next;
    next += forms.length;
    return [name, forms.map(({ text }) => text), listing.slice(from, next)] as const;
  });

  test.each(rows)('the assembler emits %s as objdump reads it', (_, expected, found) => {
    expect(found).toEqual(expected);
  });

  test('no form of the assembler goes untested', () => {
    expect(listing.slice(next)).toEqual([]);
  });

  test('every method is in the table, or tested below', () => {
    const elsewhere = ['constructor', 'resolveJumps'];
    const jumps = ['b', 'bCond', 'cbz', 'cbnz', 'adr', 'adrLabel', 'leaSection'];
    const source = Object.values(FORMS)
      .flat()
      .map(({ emit }) => emit.toString())
      .join();
    const methods = Object.getOwnPropertyNames(Arm64Assembler.prototype);
    const missing = methods.filter(method => !source.includes(`.${method}(`));
    expect(missing.sort()).toEqual([...elsewhere, ...jumps].sort());
  });

  test('no form has a name for x18', () => {
    expect(Object.values(REG)).not.toContain(18);
  });
});

describe('jumps and relocations of the assembler', () => {
  test('jumps reach their labels, forwards, backwards and to themselves', () => {
    const asm = new Arm64Assembler();
    const [start, middle, end] = [asm.label(), asm.label(), asm.label()];
    asm.bind(start);
    asm.b(end);
    asm.bind(middle);
    for (const condition of Object.values(COND)) asm.bCond(condition, start);
    for (const [, reg] of REGS) {
      asm.cbz(reg, start);
      asm.cbnz(reg, end);
    }
    asm.b(middle);
    asm.bind(end);
    asm.b(end);
    asm.resolveJumps();
    const listing = disassemble(asm.code.finish(), 'aarch64');
    const endAt = listing.at(-1)!.offset.toString(16);
    expect(listing.map(({ text }) => text)).toEqual([
      `b 0x${endAt}`,
      ...Object.keys(COND).map(name => `b.${name} 0x0`),
      ...REGS.flatMap(([name]) => [`cbz ${name}, 0x0`, `cbnz ${name}, 0x${endAt}`]),
      'b 0x4',
      `b 0x${endAt}`,
    ]);
  });

  test.each([
    ['b', (asm: Arm64Assembler, label: number) => asm.b(label), 1 << 27],
    ['b.cond', (asm: Arm64Assembler, label: number) => asm.bCond(COND.eq, label), 1 << 20],
    ['cbz', (asm: Arm64Assembler, label: number) => asm.cbz(REG.x0, label), 1 << 20],
    ['adr', (asm: Arm64Assembler, label: number) => asm.adrLabel(REG.x0, label), 1 << 20],
  ] as const)('%s reaches as far as its field, and no farther', (name, jump, limit) => {
    const farthest = (gap: number): Arm64Assembler => {
      const asm = new Arm64Assembler();
      const end = asm.label();
      jump(asm, end);
      asm.code.zeros(gap);
      asm.bind(end);
      return asm;
    };
    const near = farthest(limit - 8);
    near.resolveJumps();
    const [first] = disassemble(near.code.finish().subarray(0, 4), 'aarch64');
    expect(first!.text).toMatch(
      new RegExp(`^${name.replace('cond', 'eq')} .*0x${(limit - 4).toString(16)}$`),
    );
    expect(() => farthest(limit - 4).resolveJumps()).toThrow(FarcallError);
  });

  test('a jump to a label that is not bound is refused', () => {
    const asm = new Arm64Assembler();
    asm.b(asm.label());
    expect(() => asm.resolveJumps()).toThrow(/label 0 is not bound/);
  });

  test.each([0, 4, 8, -4, (1 << 20) - 1, -(1 << 20)])('adr of %d', distance => {
    const asm = new Arm64Assembler();
    asm.adr(REG.x30, distance);
    const [first] = disassemble(asm.code.finish(), 'aarch64');
    expect(first!.text).toBe(`adr x30, ${hex(distance)}`);
  });

  test.each(REGS)('the address of a section comes into %s in four parts', (name, reg) => {
    const asm = new Arm64Assembler();
    asm.leaSection(reg, '.data');
    expect(disassemble(asm.code.finish(), 'aarch64').map(({ text }) => text)).toEqual([
      `mov ${name}, #0x0`,
      ...[16, 32, 48].map(shift => `movk ${name}, #0x0, lsl #${shift}`),
    ]);
    expect(asm.relocations).toEqual(
      [0, 1, 2, 3].map(part => ({ kind: `abs16-${part}`, offset: part * 4, symbol: '.data', addend: 0n })),
    );
  });
});

describe('an operand that does not fit is refused and never cut', () => {
  const refused = (emit: (asm: Arm64Assembler) => void): void => {
    expect(() => emit(new Arm64Assembler())).toThrow(FarcallError);
  };

  test.each([-1, 4096, 2 ** 32, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'an immediate of %d is refused',
    value => {
      refused(asm => asm.arithmeticImm('add', REG.x0, REG.x1, value));
      refused(asm => asm.arithmeticImm('sub', REG.x0, REG.x1, value));
      refused(asm => asm.subsImm(REG.x0, REG.x1, value));
      refused(asm => asm.cmpImm(REG.x0, value));
    },
  );

  test.each(SIZES)('an offset outside of the range of accesses to %d bytes is refused', bytes => {
    for (const offset of [-bytes, 4096 * bytes, 2 ** 40, bytes / 2, Number.NaN]) {
      refused(asm => asm.load(REG.x0, REG.x19, offset, bytes));
      refused(asm => asm.store(REG.x19, offset, REG.x0, bytes));
    }
  });

  test('a store takes an offset of 32,760 and none beyond it', () => {
    new Arm64Assembler().store(REG.x19, 32_760, REG.x0);
    refused(asm => asm.store(REG.x19, 32_768, REG.x0));
  });

  test.each([-1, 0x10000, 1.5])('a move refuses %d as its 16 bits', value => {
    for (const move of ['movz', 'movn', 'movk'] as const) refused(asm => asm[move](REG.x0, value, 0));
  });

  test.each([-1, 4, 0.5])('a move refuses part %d of a register', part => {
    for (const move of ['movz', 'movn', 'movk'] as const) refused(asm => asm[move](REG.x0, 1, part));
  });

  test.each([1 << 20, -(1 << 20) - 1, 0.5])('adr of %d', distance => {
    refused(asm => asm.adr(REG.x30, distance));
  });

  test.each([1n << 64n, -(1n << 63n) - 1n, 1n << 80n])('an immediate of %d', value => {
    refused(asm => asm.movImm(REG.x0, value));
  });

  test('the stack pointer is refused where its number means the zero register', () => {
    const meant = /another meaning for sp/;
    expect(() => new Arm64Assembler().movRegReg(REG.x0, REG.sp)).toThrow(meant);
    expect(() => new Arm64Assembler().arithmetic('add', REG.sp, REG.x0, REG.x1)).toThrow(meant);
    expect(() => new Arm64Assembler().subsImm(REG.sp, REG.x0, 1)).toThrow(meant);
  });
});
