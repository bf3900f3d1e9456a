import {
  Arm64Assembler,
  ARM64_COND as COND,
  ARM64_REG as REG,
} from '../../../../agent/compiler/codegen/index.ts';
import {
  FIRST_FUNCTION,
  type PlacedProgram,
  type ProcessLayout,
  sectionAddress,
  type UserCpu,
} from './user-cpu.ts';
import { nonZeroWords } from './user-cpu-x86-64.ts';

const { x0, x1, x2, x9, x16, x17 } = REG;

/** Registers that init must leave alone: x18, and what AAPCS64 gives to the caller. */
const KEPT = [18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29] as const;
const kept = (register: number): number => register * 0x0101;
const GARBAGE = 0x5bad;
const SYS_WRITE = 64n;
const SYS_EXIT_GROUP = 94n;

export const userArm64: UserCpu = {
  arch: 'aarch64',
  /** x0, {@link KEPT}, and sp after the program. */
  registersBytes: 8 * (KEPT.length + 2),
  answer: value => written(asm => asm.movImm(x0, value)),
  recorder: (count, record) => written(asm => recordArguments(asm, count, record)),
  counter: at => written(asm => countCall(asm, at)),
  copy: () => written(copyBytes),
  process: writeProcess,
  returnedOf(registers) {
    for (const [index, register] of KEPT.entries()) {
      const value = registers.readBigUInt64LE(8 * (index + 1));
      if (value !== BigInt(kept(register))) throw new Error(`init left x${register} ${value}`);
    }
    const off = registers.readBigInt64LE(8 * (KEPT.length + 1));
    if (off !== 0n) throw new Error(`init left sp off by ${off}`);
    return registers.readInt32LE(0);
  },
};

function written(write: (asm: Arm64Assembler) => void): Uint8Array {
  const asm = new Arm64Assembler();
  stopUnlessAligned(asm);
  write(asm);
  for (let register = 1; register <= 17; register++) asm.code.u32(movz(register, GARBAGE));
  asm.ret();
  asm.resolveJumps();
  return asm.code.finish();
}

// movz xd, #value, for registers that our assembler has no name for
function movz(register: number, value: number): number {
  return (0xd2800000 | (value << 5) | register) >>> 0;
}

/** At every call the stack is at a multiple of 16 (AAPCS64, 6.4.5.1). */
function stopUnlessAligned(asm: Arm64Assembler): void {
  const aligned = asm.label();
  asm.arithmeticImm('add', x16, REG.sp, 0);
  asm.code.u32(0x92400e10); // and x16, x16, #0xf
  asm.cbz(x16, aligned);
  asm.code.u32(0); // udf #0
  asm.bind(aligned);
}

/** record[0] is 0: AArch64 does not count vector registers. Returns how many arguments there are. */
function recordArguments(asm: Arm64Assembler, count: number, record: bigint): void {
  const registers = [x0, x1, x2, REG.x3, REG.x4, REG.x5, REG.x6, REG.x7];
  asm.movImm(x9, record);
  for (let index = 0; index < count; index++) {
    const reg = registers[index] ?? x0;
    if (index >= registers.length) asm.load(reg, REG.sp, 8 * (index - registers.length));
    asm.store(x9, 8 * (index + 1), reg);
  }
  asm.movImm(x0, BigInt(count));
}

function countCall(asm: Arm64Assembler, at: bigint): void {
  asm.movImm(x9, at);
  asm.load(x1, x9, 0);
  asm.arithmeticImm('add', x1, x1, 1);
  asm.store(x9, 0, x1);
}

function copyBytes(asm: Arm64Assembler): void {
  const next = asm.label();
  asm.bind(next);
  asm.loadNext(x9, x1, 1);
  asm.storeNext(x0, x9, 1);
  asm.subsImm(x2, x2, 1);
  asm.bCond(COND.ne, next);
  asm.movImm(x0, 0n);
}

function writeProcess({ functions, programs, address, output }: ProcessLayout): Uint8Array {
  const asm = new Arm64Assembler();
  const main = asm.label();
  asm.b(main);
  asm.code.align(FIRST_FUNCTION);
  asm.code.bytes(functions);
  const entries = programs.map(program => {
    const at = asm.code.length;
    asm.code.bytes(relocated(program));
    return at;
  });
  asm.bind(main);
  for (const [index, program] of programs.entries()) callProgram(asm, program, entries[index]!, address);
  asm.movImm(REG.x8, SYS_WRITE);
  asm.movImm(x0, 1n);
  asm.movImm(x1, output.address);
  asm.movImm(x2, BigInt(output.sizeBytes));
  asm.svc();
  asm.movImm(REG.x8, SYS_EXIT_GROUP);
  asm.movImm(x0, 0n);
  asm.svc();
  asm.resolveJumps();
  return asm.code.finish();
}

/** Fills `.data`, calls, and keeps the registers that init must leave alone. */
function callProgram(asm: Arm64Assembler, program: PlacedProgram, entry: number, address: bigint): void {
  const { code, constants, registers } = program;
  for (const [at, word] of nonZeroWords(code.data)) {
    asm.movImm(x0, constants + BigInt(at));
    asm.movImm(x1, word);
    asm.store(x0, 0, x1);
  }
  const spAt = 8 * (KEPT.length + 1);
  asm.movImm(x9, registers);
  asm.arithmeticImm('add', x17, REG.sp, 0);
  asm.store(x9, spAt, x17);
  for (const register of KEPT) asm.code.u32(movz(register, kept(register)));
  asm.movImm(x16, address + BigInt(entry));
  asm.adr(REG.x30, 8);
  asm.ret(x16);
  asm.movImm(x9, registers);
  asm.store(x9, 0, x0);
  // str xt, [x9, #8 * (index + 1)]
  for (const [index, register] of KEPT.entries())
    asm.code.u32((0xf9000000 | ((index + 1) << 10) | (9 << 5) | register) >>> 0);
  asm.load(x1, x9, spAt);
  asm.arithmeticImm('add', x17, REG.sp, 0);
  asm.arithmetic('sub', x1, x1, x17);
  asm.store(x9, spAt, x1);
}

/** What a kernel's module loader does with R_AARCH64_MOVW_UABS_*: 16 bits of S + A into bits 5 to 20. */
function relocated(program: PlacedProgram): Uint8Array {
  const bytes = Buffer.from(program.code.text);
  for (const { kind, offset, symbol, addend } of program.code.relocations) {
    const part = ['abs16-0', 'abs16-1', 'abs16-2', 'abs16-3'].indexOf(kind);
    const section = sectionAddress(program, symbol);
    if (part < 0 || section === undefined) throw new Error(`code asks for ${kind} of ${symbol}`);
    const value = Number(((section + addend) >> BigInt(16 * part)) & 0xffffn);
    bytes.writeUInt32LE((bytes.readUInt32LE(offset) | (value << 5)) >>> 0, offset);
  }
  return bytes;
}
