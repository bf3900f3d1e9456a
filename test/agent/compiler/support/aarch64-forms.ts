import {
  type Arm64Assembler,
  ARM64_COND as COND,
  ARM64_REG as REG,
} from '../../../../agent/compiler/codegen/index.ts';

type Reg = (typeof REG)[keyof typeof REG];

/** All registers but the stack pointer, whose number means another register to most instructions. */
export const REGS = Object.entries(REG).filter(([name]) => name !== 'sp') as [keyof typeof REG, Reg][];
const PAIRS = REGS.flatMap(([a, to]) => REGS.map(([b, from]) => ({ a, to, b, from })));
/** Bytes that a load or store moves. */
export const SIZES = [1, 2, 4, 8] as const;
const IMM12 = [0, 1, 2, 255, 2048, 4095];

/** A form, and what objdump shows for it. */
export interface Emitted {
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

/** As objdump prints 64 bits. */
export function hex(value: bigint | number): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
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
export const FORMS: Readonly<Record<string, readonly Emitted[]>> = {
  'without operands': [
    { emit: asm => asm.btiC(), text: 'bti c' },
    { emit: asm => asm.svc(), text: 'svc #0x0' },
    { emit: asm => asm.dmbIsh(), text: 'dmb ish' },
    { emit: asm => asm.mrsSpEl0(REG.x3), text: 'mrs x3, sp_el0' },
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
        text: `mov ${name}, #${hex(~(0xabcdn << BigInt(16 * part)))}`,
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
