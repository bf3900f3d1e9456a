import { describe, expect, test } from 'vitest';
import { CC, REG, X86Assembler } from '../../../../agent/compiler/codegen/index.ts';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { disassemble } from '../support/disassemble.ts';

type Reg = (typeof REG)[keyof typeof REG];

const REGS = Object.entries(REG) as [keyof typeof REG, Reg][];
const PAIRS = REGS.flatMap(([a, to]) => REGS.map(([b, from]) => ({ a, to, b, from })));
const I32 = [0, 1, -1, 8, -8, 127, 128, -128, -129, 0x1000, 0x7fffffff, -0x80000000];

interface Emitted {
  readonly emit: (asm: X86Assembler) => void;
  readonly text: string;
}

/** As objdump prints a displacement: nothing is left out, since all are 32 bits wide. */
function signed(value: number): string {
  return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

function unsigned64(value: bigint | number): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}

const MOVES: readonly (readonly [bigint, (reg: string, r32: string) => string])[] = [
  [0n, (_, r32) => `mov $0x0,${r32}`],
  [1n, (_, r32) => `mov $0x1,${r32}`],
  [0x7fffffffn, (_, r32) => `mov $0x7fffffff,${r32}`],
  [0x80000000n, (_, r32) => `mov $0x80000000,${r32}`],
  [0xffffffffn, (_, r32) => `mov $0xffffffff,${r32}`],
  [0x100000000n, reg => `movabs $0x100000000,${reg}`],
  [0x7fffffffffffffffn, reg => `movabs $0x7fffffffffffffff,${reg}`],
  [-1n, reg => `mov $0xffffffffffffffff,${reg}`],
  [(1n << 64n) - 1n, reg => `mov $0xffffffffffffffff,${reg}`],
  [-115n, reg => `mov $0xffffffffffffff8d,${reg}`],
  [-0x80000000n, reg => `mov $0xffffffff80000000,${reg}`],
  [-0x80000001n, reg => `movabs $0xffffffff7fffffff,${reg}`],
  [-(1n << 63n), reg => `movabs $0x8000000000000000,${reg}`],
  [0xffffffff81234567n, reg => `mov $0xffffffff81234567,${reg}`],
];

/** The lower half of a register, as `mov` to it is printed. */
function half(name: string): string {
  return /^r\d/.test(name) ? `%${name}d` : `%e${name.slice(1)}`;
}

const FORMS: Readonly<Record<string, readonly Emitted[]>> = {
  'without operands': [
    { emit: asm => asm.endbr64(), text: 'endbr64' },
    { emit: asm => asm.leave(), text: 'leave' },
    { emit: asm => asm.ret(), text: 'ret' },
    { emit: asm => asm.syscall(), text: 'syscall' },
    { emit: asm => asm.cqto(), text: 'cqto' },
    { emit: asm => asm.repMovsb(), text: 'rep movsb %ds:(%rsi),%es:(%rdi)' },
    { emit: asm => asm.repStosb(), text: 'rep stos %al,%es:(%rdi)' },
    { emit: asm => asm.callR11(), text: 'call *%r11' },
    { emit: asm => asm.lockXadd(), text: 'lock xadd %rax,(%rdx)' },
    { emit: asm => asm.loadPerCpu(0x18f40n), text: 'mov %gs:0x18f40,%rax' },
    { emit: asm => asm.loadPerCpu(0xffffffff82345678n), text: 'mov %gs:0xffffffff82345678,%rax' },
    { emit: asm => asm.lockCmpxchg(1), text: 'lock cmpxchg %cl,(%rdx)' },
    { emit: asm => asm.lockCmpxchg(2), text: 'lock cmpxchg %cx,(%rdx)' },
    { emit: asm => asm.lockCmpxchg(4), text: 'lock cmpxchg %ecx,(%rdx)' },
    { emit: asm => asm.lockCmpxchg(8), text: 'lock cmpxchg %rcx,(%rdx)' },
    { emit: asm => asm.storeRax(REG.rbx, 0x40, 1), text: 'mov %al,0x40(%rbx)' },
    { emit: asm => asm.storeRax(REG.rbx, 0x40, 2), text: 'mov %ax,0x40(%rbx)' },
    { emit: asm => asm.storeRax(REG.rbx, 0x40, 4), text: 'mov %eax,0x40(%rbx)' },
    { emit: asm => asm.storeRax(REG.rbx, 0x40, 8), text: 'mov %rax,0x40(%rbx)' },
    { emit: asm => asm.loadBytes(REG.rax, REG.rbx, 0x40, 1), text: 'movzbl 0x40(%rbx),%eax' },
    { emit: asm => asm.loadBytes(REG.rax, REG.rbx, 0x40, 2), text: 'movzwl 0x40(%rbx),%eax' },
    { emit: asm => asm.loadBytes(REG.rax, REG.rbx, 0x40, 4), text: 'mov 0x40(%rbx),%eax' },
    { emit: asm => asm.loadBytes(REG.rax, REG.rbx, 0x40, 8), text: 'mov 0x40(%rbx),%rax' },
  ],
  'with one register': REGS.flatMap(([name, reg]) => [
    { emit: (asm: X86Assembler) => asm.push(reg), text: `push %${name}` },
    { emit: (asm: X86Assembler) => asm.neg(reg), text: `neg %${name}` },
    { emit: (asm: X86Assembler) => asm.div(reg), text: `div %${name}` },
    { emit: (asm: X86Assembler) => asm.idiv(reg), text: `idiv %${name}` },
    { emit: (asm: X86Assembler) => asm.test(reg), text: `test %${name},%${name}` },
    ...(['shl', 'shr', 'sar'] as const).map(operation => ({
      emit: (asm: X86Assembler) => asm.shift(operation, reg),
      text: `${operation} %cl,%${name}`,
    })),
  ]),
  'with two registers': PAIRS.flatMap(({ a, to, b, from }) => [
    { emit: (asm: X86Assembler) => asm.movRegReg(to, from), text: `mov %${b},%${a}` },
    { emit: (asm: X86Assembler) => asm.imul(to, from), text: `imul %${b},%${a}` },
    ...(['add', 'or', 'and', 'sub', 'xor', 'cmp'] as const).map(operation => ({
      emit: (asm: X86Assembler) => asm.arithmetic(operation, to, from),
      text: `${operation} %${b},%${a}`,
    })),
  ]),
  'with memory': PAIRS.flatMap(({ a, to, b, from }, index) => {
    const offset = I32[index % I32.length]!;
    const memory = `${signed(offset)}(%${b})`;
    return [
      { emit: (asm: X86Assembler) => asm.load(to, from, offset), text: `mov ${memory},%${a}` },
      { emit: (asm: X86Assembler) => asm.store(from, offset, to), text: `mov %${a},${memory}` },
      { emit: (asm: X86Assembler) => asm.lea(to, from, offset), text: `lea ${memory},%${a}` },
    ];
  }),
  'with every displacement': I32.flatMap(offset => [
    {
      emit: (asm: X86Assembler) => asm.load(REG.rax, REG.rsp, offset),
      text: `mov ${signed(offset)}(%rsp),%rax`,
    },
    {
      emit: (asm: X86Assembler) => asm.store(REG.rbp, offset, REG.r9),
      text: `mov %r9,${signed(offset)}(%rbp)`,
    },
    { emit: (asm: X86Assembler) => asm.lea(REG.r8, REG.r9, offset), text: `lea ${signed(offset)}(%r9),%r8` },
  ]),
  'with a 32-bit immediate': REGS.flatMap(([name, reg]) =>
    (['add', 'sub', 'cmp'] as const).flatMap(operation =>
      I32.map(value => ({
        emit: (asm: X86Assembler) => asm.arithmeticImm(operation, reg, value),
        text: `${operation} $${unsigned64(value)},%${name}`,
      })),
    ),
  ),
  'that move an immediate': REGS.flatMap(([name, reg]) =>
    MOVES.map(([value, text]) => ({
      emit: (asm: X86Assembler) => asm.movImm(reg, value),
      text: text(`%${name}`, half(name)),
    })),
  ),
  'that store a byte': REGS.filter(([name]) => name !== 'rsp' && name !== 'rbp').flatMap(([name, reg]) =>
    [0, 1, 127, 128, 255].map(value => ({
      emit: (asm: X86Assembler) => asm.storeImm8(reg, value),
      text: `movb $0x${value.toString(16)},(%${name})`,
    })),
  ),
  'that widen %rax': [
    { emit: asm => asm.signExtendRax(8), text: 'movsbq %al,%rax' },
    { emit: asm => asm.signExtendRax(16), text: 'movswq %ax,%rax' },
    { emit: asm => asm.signExtendRax(32), text: 'movslq %eax,%rax' },
    { emit: asm => asm.zeroExtendRax(8), text: 'movzbl %al,%eax' },
    { emit: asm => asm.zeroExtendRax(16), text: 'movzwl %ax,%eax' },
    { emit: asm => asm.zeroExtendRax(32), text: 'mov %eax,%eax' },
  ],
  'that set %al': Object.entries(CC).map(([name, condition]) => ({
    emit: asm => asm.setAl(condition),
    text: `set${name} %al`,
  })),
};

/** Lets the assembler write all of them, and objdump read them at once. */
function written(forms: readonly Emitted[]): string[] {
  const asm = new X86Assembler();
  for (const { emit } of forms) emit(asm);
  asm.resolveJumps();
  return disassemble(asm.code.finish()).map(({ text }) => text);
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
    const elsewhere = [
      'constructor',
      'label',
      'bind',
      'offsetOf',
      'resolveJumps',
      'jmp',
      'jcc',
      'leaSection',
      'leaLabel',
      'callSymbol',
    ];
    const source = Object.values(FORMS)
      .flat()
      .map(({ emit }) => emit.toString())
      .join();
    const methods = Object.getOwnPropertyNames(X86Assembler.prototype);
    expect(methods.filter(method => !elsewhere.includes(method) && !source.includes(`.${method}(`))).toEqual(
      [],
    );
  });
});

describe('jumps and relocations of the assembler', () => {
  test('jumps reach their labels, forwards, backwards and to themselves', () => {
    const asm = new X86Assembler();
    const [start, middle, end] = [asm.label(), asm.label(), asm.label()];
    asm.bind(start);
    asm.jmp(end);
    asm.bind(middle);
    for (const condition of Object.values(CC)) asm.jcc(condition, start);
    asm.jmp(middle);
    asm.bind(end);
    asm.jmp(end);
    asm.resolveJumps();
    const names = Object.keys(CC).map(name => `j${name} 0x0`);
    const listing = disassemble(asm.code.finish());
    const endAt = listing.at(-1)!.offset.toString(16);
    expect(listing.map(({ text }) => text)).toEqual([
      `jmp 0x${endAt}`,
      ...names,
      'jmp 0x5',
      `jmp 0x${endAt}`,
    ]);
  });

  test('a jump reaches over code as long as a program', () => {
    const asm = new X86Assembler();
    const end = asm.label();
    asm.jmp(end);
    asm.code.zeros(100_000);
    asm.bind(end);
    asm.resolveJumps();
    expect(Buffer.from(asm.code.finish()).readInt32LE(1)).toBe(100_000);
  });

  test('lea of a label reaches over the code between', () => {
    const asm = new X86Assembler();
    const end = asm.label();
    asm.leaLabel(REG.rax, end);
    asm.code.zeros(1000);
    asm.bind(end);
    asm.resolveJumps();
    const [first] = disassemble(asm.code.finish().subarray(0, 7));
    expect(first!.text).toBe('lea 0x3e8(%rip),%rax');
  });

  test('a per-CPU variable beyond 32 bits is refused', () => {
    expect(() => new X86Assembler().loadPerCpu(0x80000000n)).toThrow(/does not fit in 32 bits/);
  });

  test('a jump to a label that is not bound is refused', () => {
    const asm = new X86Assembler();
    asm.jmp(asm.label());
    expect(() => asm.resolveJumps()).toThrow(/label 0 is not bound/);
  });

  test.each(REGS)('lea of a section into %s asks for a distance', (name, reg) => {
    const asm = new X86Assembler();
    asm.leaSection(reg, '.bss');
    asm.leaSection(reg, '.data', 40);
    expect(disassemble(asm.code.finish()).map(({ text }) => text)).toEqual([
      `lea 0x0(%rip),%${name}`,
      `lea 0x0(%rip),%${name}`,
    ]);
    expect(asm.relocations).toEqual([
      { kind: 'pc32', offset: 3, symbol: '.bss', addend: -4n },
      { kind: 'pc32', offset: 10, symbol: '.data', addend: 36n },
    ]);
  });

  test('a call asks for the distance to its function', () => {
    const asm = new X86Assembler();
    asm.ret();
    asm.callSymbol('_printk');
    expect(disassemble(asm.code.finish()).map(({ text }) => text)).toEqual(['ret', 'call 0x6']);
    expect(asm.relocations).toEqual([{ kind: 'call', offset: 2, symbol: '_printk', addend: -4n }]);
  });
});

describe('an operand that does not fit is refused and never cut', () => {
  const outside = [0x80000000, -0x80000001, 2 ** 32, 0.5, Number.NaN, Number.POSITIVE_INFINITY];
  test.each(outside)('a displacement or immediate of %d is refused', value => {
    const refused = (emit: (asm: X86Assembler) => void): void => {
      expect(() => emit(new X86Assembler())).toThrow(FarcallError);
    };
    refused(asm => asm.load(REG.rax, REG.rbx, value));
    refused(asm => asm.store(REG.rbx, value, REG.rax));
    refused(asm => asm.lea(REG.rax, REG.rbx, value));
    refused(asm => asm.arithmeticImm('add', REG.rax, value));
    refused(asm => asm.storeImm8(REG.rax, value));
  });

  test.each([-1, 256, 1.5])('a store of the byte %d is refused', value => {
    expect(() => new X86Assembler().storeImm8(REG.rax, value)).toThrow(FarcallError);
  });

  test.each([1n << 64n, -(1n << 63n) - 1n, 1n << 80n])('an immediate of %d', value => {
    expect(() => new X86Assembler().movImm(REG.rax, value)).toThrow(FarcallError);
  });

  test.each(['rsp', 'rbp'] as const)(
    'a byte store to (%%%s) is refused, since that form has another meaning',
    name => {
      expect(() => new X86Assembler().storeImm8(REG[name], 0)).toThrow(/another meaning/);
    },
  );
});
