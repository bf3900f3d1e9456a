import { describe, expect, test } from 'vitest';
import {
  Arm64Assembler,
  ARM64_COND as COND,
  ARM64_REG as REG,
} from '../../../agent/compiler/codegen/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { disassemble } from './support/disassemble.ts';

type Reg = (typeof REG)[keyof typeof REG];

/** All registers but the stack pointer, whose number means another register to most instructions. */
const REGS = Object.entries(REG).filter(([name]) => name !== 'sp') as [keyof typeof REG, Reg][];
const PAIRS = REGS.flatMap(([a, to]) => REGS.map(([b, from]) => ({ a, to, b, from })));
const SIZES = [1, 2, 4, 8] as const;
const IMM12 = [0, 1, 2, 255, 2048, 4095];

interface Emitted {
  readonly emit: (asm: Arm64Assembler) => void;
  readonly text: string;
}

/** The name of a register as an access of so many bytes has it, and what the mnemonic ends with. */
function sized(name: string, bytes: 1 | 2 | 4 | 8): { reg: string; suffix: string } {
  const suffix = { 1: 'b', 2: 'h', 4: '', 8: '' }[bytes];
  return { reg: bytes === 8 ? name : word(name), suffix };
}

/** The lower half of a register. */
function word(name: string): string {
  return name.replace('x', 'w');
}

function hex(value: bigint | number): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}

function signedHex(value: bigint): string {
  return hex(value);
}

/** Values and the moves that make them: objdump shows movz and movn as mov. */
const MOVES: readonly (readonly [bigint, (reg: string) => readonly string[]])[] = [
  [0n, reg => [`mov ${reg}, #0x0`]],
  [1n, reg => [`mov ${reg}, #0x1`]],
  [0xffffn, reg => [`mov ${reg}, #0xffff`]],
  [0x10000n, reg => [`mov ${reg}, #0x10000`]],
  [0x12345n, reg => [`mov ${reg}, #0x2345`, `movk ${reg}, #0x1, lsl #16`]],
  [0x1234_0000_5678n, reg => [`mov ${reg}, #0x5678`, `movk ${reg}, #0x1234, lsl #32`]],
  [0x7fffffffffffffffn, reg => [`mov ${reg}, #0x7fffffffffffffff`]],
  [-1n, reg => [`mov ${reg}, #0xffffffffffffffff`]],
  [(1n << 64n) - 1n, reg => [`mov ${reg}, #0xffffffffffffffff`]],
  [-115n, reg => [`mov ${reg}, #0xffffffffffffff8d`]],
  [-(1n << 63n), reg => [`mov ${reg}, #0x8000000000000000`]],
  [
    0xffff_8000_8012_3456n,
    reg => [
      `mov ${reg}, #0xffffffffffff3456`,
      `movk ${reg}, #0x8012, lsl #16`,
      `movk ${reg}, #0x8000, lsl #32`,
    ],
  ],
  [
    0x1122_3344_5566_7788n,
    reg => [
      `mov ${reg}, #0x7788`,
      `movk ${reg}, #0x5566, lsl #16`,
      `movk ${reg}, #0x3344, lsl #32`,
      `movk ${reg}, #0x1122, lsl #48`,
    ],
  ],
];

/** Each method with every register, or pair of them, and the ends of its fields. */
const FORMS: Readonly<Record<string, readonly Emitted[]>> = {
  'without operands': [
    { emit: asm => asm.btiC(), text: 'bti c' },
    { emit: asm => asm.svc(), text: 'svc #0x0' },
    { emit: asm => asm.dmbIsh(), text: 'dmb ish' },
    { emit: asm => asm.ret(), text: 'ret' },
    { emit: asm => asm.pushFrame(), text: 'stp x29, x30, [sp, #-32]!' },
    { emit: asm => asm.popFrame(), text: 'ldp x29, x30, [sp], #32' },
  ],
  'with one register': REGS.flatMap(([name, reg]) => [
    { emit: (asm: Arm64Assembler) => asm.ret(reg), text: name === 'x30' ? 'ret' : `ret ${name}` },
    { emit: (asm: Arm64Assembler) => asm.subSp(reg), text: `sub sp, sp, ${name}` },
    ...Object.entries(COND).map(([condition, code]) => ({
      emit: (asm: Arm64Assembler) => asm.cset(reg, code),
      text: `cset ${name}, ${condition}`,
    })),
    ...IMM12.flatMap(value => [
      {
        emit: (asm: Arm64Assembler) => asm.cmpImm(reg, value),
        text: `cmp ${name}, #${hex(value)}`,
      },
      {
        emit: (asm: Arm64Assembler) => asm.arithmeticImm('add', reg, REG.sp, value),
        text: value === 0 ? `mov ${name}, sp` : `add ${name}, sp, #${hex(value)}`,
      },
      {
        emit: (asm: Arm64Assembler) => asm.arithmeticImm('sub', REG.sp, reg, value),
        text: `sub sp, ${name}, #${hex(value)}`,
      },
      {
        emit: (asm: Arm64Assembler) => asm.store(REG.sp, value * 8, reg),
        text: `str ${name}, [sp${value === 0 ? '' : `, #${value * 8}`}]`,
      },
    ]),
    ...[0, 1, 2, 3].flatMap(part =>
      [1, 0x8000, 0xfffe].map(value => ({
        emit: (asm: Arm64Assembler) => asm.movk(reg, value, part),
        text: `movk ${name}, #${hex(value)}${part === 0 ? '' : `, lsl #${part * 16}`}`,
      })),
    ),
    ...[0, 1, 2, 3].flatMap(part => [
      {
        emit: (asm: Arm64Assembler) => asm.movz(reg, 0xabcd, part),
        text: `mov ${name}, #${hex(0xabcdn << BigInt(16 * part))}`,
      },
      {
        emit: (asm: Arm64Assembler) => asm.movn(reg, 0xabcd, part),
        text: `mov ${name}, #${signedHex(~(0xabcdn << BigInt(16 * part)))}`,
      },
    ]),
    ...SIZES.map(bytes => {
      const { suffix } = sized(name, bytes);
      return {
        emit: (asm: Arm64Assembler) => asm.storeZeroNext(reg, bytes),
        text: `str${suffix} ${bytes === 8 ? 'xzr' : 'wzr'}, [${name}], #${bytes}`,
      };
    }),
  ]),
  'with two registers': PAIRS.flatMap(({ a, to, b, from }) => [
    { emit: (asm: Arm64Assembler) => asm.movRegReg(to, from), text: `mov ${a}, ${b}` },
    { emit: (asm: Arm64Assembler) => asm.cmp(to, from), text: `cmp ${a}, ${b}` },
    ...([8, 16, 32] as const).flatMap(bits => {
      const kind = { 8: 'b', 16: 'h', 32: 'w' }[bits];
      return [
        {
          emit: (asm: Arm64Assembler) => asm.signExtend(to, from, bits),
          text: `sxt${kind} ${a}, ${word(b)}`,
        },
        {
          emit: (asm: Arm64Assembler) => asm.zeroExtend(to, from, bits),
          text: bits === 32 ? `mov ${word(a)}, ${word(b)}` : `uxt${kind} ${word(a)}, ${word(b)}`,
        },
      ];
    }),
    ...SIZES.flatMap(bytes => {
      const { reg, suffix } = sized(a, bytes);
      const offsets = [0, bytes, 255 * bytes, 4095 * bytes];
      return [
        ...offsets.flatMap(offset => {
          const memory = offset === 0 ? `[${b}]` : `[${b}, #${offset}]`;
          return [
            {
              emit: (asm: Arm64Assembler) => asm.load(to, from, offset, bytes),
              text: `ldr${suffix} ${reg}, ${memory}`,
            },
            {
              emit: (asm: Arm64Assembler) => asm.store(from, offset, to, bytes),
              text: `str${suffix} ${reg}, ${memory}`,
            },
          ];
        }),
        {
          emit: (asm: Arm64Assembler) => asm.loadExclusive(to, from, bytes),
          text: `ldxr${suffix} ${reg}, [${b}]`,
        },
        ...(to === from
          ? []
          : [
              {
                emit: (asm: Arm64Assembler) => asm.loadNext(to, from, bytes),
                text: `ldr${suffix} ${reg}, [${b}], #${bytes}`,
              },
              {
                emit: (asm: Arm64Assembler) => asm.storeNext(from, to, bytes),
                text: `str${suffix} ${reg}, [${b}], #${bytes}`,
              },
            ]),
      ];
    }),
    ...IMM12.flatMap(value => [
      {
        emit: (asm: Arm64Assembler) => asm.arithmeticImm('add', to, from, value),
        text: `add ${a}, ${b}, #${hex(value)}`,
      },
      {
        emit: (asm: Arm64Assembler) => asm.arithmeticImm('sub', to, from, value),
        text: `sub ${a}, ${b}, #${hex(value)}`,
      },
      {
        emit: (asm: Arm64Assembler) => asm.subsImm(to, from, value),
        text: `subs ${a}, ${b}, #${hex(value)}`,
      },
    ]),
  ]),
  'with three registers': PAIRS.flatMap(({ a, to, b, from }, index) => {
    const [c, third] = REGS[index % REGS.length]!;
    const [d, fourth] = REGS[(index * 7) % REGS.length]!;
    const three = `${a}, ${b}, ${c}`;
    return [
      ...(['add', 'sub', 'and', 'orr', 'eor'] as const).map(operation => ({
        emit: (asm: Arm64Assembler) => asm.arithmetic(operation, to, from, third),
        text: `${operation} ${three}`,
      })),
      ...(['lsl', 'lsr', 'asr'] as const).map(operation => ({
        emit: (asm: Arm64Assembler) => asm.shift(operation, to, from, third),
        text: `${operation} ${three}`,
      })),
      ...(['udiv', 'sdiv'] as const).map(operation => ({
        emit: (asm: Arm64Assembler) => asm.divide(operation, to, from, third),
        text: `${operation} ${three}`,
      })),
      { emit: (asm: Arm64Assembler) => asm.mul(to, from, third), text: `mul ${three}` },
      {
        emit: (asm: Arm64Assembler) => asm.msub(to, from, third, fourth),
        text: `msub ${three}, ${d}`,
      },
      ...SIZES.flatMap(bytes => {
        const { reg, suffix } = sized(a, bytes);
        const memory = `[${b}, ${c}]`;
        const status = REGS.find(([, each]) => each !== to && each !== from)!;
        return [
          {
            emit: (asm: Arm64Assembler) => asm.loadIndexed(to, from, third, bytes),
            text: `ldr${suffix} ${reg}, ${memory}`,
          },
          {
            emit: (asm: Arm64Assembler) => asm.storeIndexed(from, third, to, bytes),
            text: `str${suffix} ${reg}, ${memory}`,
          },
          {
            emit: (asm: Arm64Assembler) => asm.storeExclusive(status[1], from, to, bytes),
            text: `stlxr${suffix} ${word(status[0])}, ${reg}, [${b}]`,
          },
        ];
      }),
    ];
  }),
  'that move an immediate': REGS.flatMap(([name, reg]) =>
    MOVES.flatMap(([value, texts]) =>
      texts(name).map((text, index) => ({
        emit: (asm: Arm64Assembler) => {
          if (index === 0) asm.movImm(reg, value);
        },
        text,
      })),
    ),
  ),
};

/** Lets the assembler write all of them, and objdump read them at once. */
function written(forms: readonly Emitted[]): string[] {
  const asm = new Arm64Assembler();
  for (const { emit } of forms) emit(asm);
  return disassemble(asm.code.finish(), 'aarch64').map(({ text }) => text);
}

describe('each form is what its name says', () => {
  const all = Object.entries(FORMS);
  const listing = written(all.flatMap(([, forms]) => forms));
  let next = 0;
  const rows = all.map(([name, forms]) => {
    const from = next;
    next += forms.length;
    return [name, forms.map(({ text }) => text), listing.slice(from, next)] as const;
  });

  test.each(rows)('%s', (_, expected, found) => {
    expect(found).toEqual(expected);
  });

  test('and nothing is left over', () => {
    expect(listing.slice(next)).toEqual([]);
  });

  test('every method is in the table, or tested below', () => {
    const elsewhere = ['constructor', 'label', 'place', 'offsetOf', 'resolveJumps'];
    const jumps = ['b', 'bCond', 'cbz', 'cbnz', 'adr', 'leaSection'];
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

describe('jumps and relocations', () => {
  test('jumps reach their labels, forwards, backwards and to themselves', () => {
    const asm = new Arm64Assembler();
    const [start, middle, end] = [asm.label(), asm.label(), asm.label()];
    asm.place(start);
    asm.b(end);
    asm.place(middle);
    for (const condition of Object.values(COND)) asm.bCond(condition, start);
    for (const [, reg] of REGS) {
      asm.cbz(reg, start);
      asm.cbnz(reg, end);
    }
    asm.b(middle);
    asm.place(end);
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
  ] as const)('%s reaches as far as its field, and no farther', (name, jump, limit) => {
    const farthest = (gap: number): Arm64Assembler => {
      const asm = new Arm64Assembler();
      const end = asm.label();
      jump(asm, end);
      asm.code.zeros(gap);
      asm.place(end);
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

  test('a label without a place is refused', () => {
    const asm = new Arm64Assembler();
    asm.b(asm.label());
    expect(() => asm.resolveJumps()).toThrow(/label 0 has no place/);
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

describe('what does not fit is refused and never cut', () => {
  const refused = (emit: (asm: Arm64Assembler) => void): void => {
    expect(() => emit(new Arm64Assembler())).toThrow(FarcallError);
  };

  test.each([-1, 4096, 2 ** 32, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('an immediate of %d', value => {
    refused(asm => asm.arithmeticImm('add', REG.x0, REG.x1, value));
    refused(asm => asm.arithmeticImm('sub', REG.x0, REG.x1, value));
    refused(asm => asm.subsImm(REG.x0, REG.x1, value));
    refused(asm => asm.cmpImm(REG.x0, value));
  });

  test.each(SIZES)('an offset of an access to %d bytes', bytes => {
    for (const offset of [-bytes, 4096 * bytes, 2 ** 40, bytes / 2, Number.NaN]) {
      refused(asm => asm.load(REG.x0, REG.x19, offset, bytes));
      refused(asm => asm.store(REG.x19, offset, REG.x0, bytes));
    }
  });

  test('a store with an offset of 32,760 is the last', () => {
    new Arm64Assembler().store(REG.x19, 32_760, REG.x0);
    refused(asm => asm.store(REG.x19, 32_768, REG.x0));
  });

  test.each([-1, 0x10000, 1.5])('16 bits of %d', value => {
    for (const move of ['movz', 'movn', 'movk'] as const) refused(asm => asm[move](REG.x0, value, 0));
  });

  test.each([-1, 4, 0.5])('part %d of a register', part => {
    for (const move of ['movz', 'movn', 'movk'] as const) refused(asm => asm[move](REG.x0, 1, part));
  });

  test.each([1 << 20, -(1 << 20) - 1, 0.5])('adr of %d', distance => {
    refused(asm => asm.adr(REG.x30, distance));
  });

  test.each([1n << 64n, -(1n << 63n) - 1n, 1n << 80n])('an immediate of %d', value => {
    refused(asm => asm.movImm(REG.x0, value));
  });

  test('the stack pointer where its number means the zero register', () => {
    const meant = /another meaning for sp/;
    expect(() => new Arm64Assembler().movRegReg(REG.x0, REG.sp)).toThrow(meant);
    expect(() => new Arm64Assembler().arithmetic('add', REG.sp, REG.x0, REG.x1)).toThrow(meant);
    expect(() => new Arm64Assembler().subsImm(REG.sp, REG.x0, 1)).toThrow(meant);
  });
});
