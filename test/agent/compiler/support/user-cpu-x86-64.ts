import { REG, X86Assembler } from '../../../../agent/compiler/codegen/index.ts';
import {
  FIRST_FUNCTION,
  type PlacedProgram,
  type ProcessLayout,
  sectionAddress,
  type UserCpu,
} from './user-cpu.ts';

const RBX = 0x1122334455667788n;
const RBP = -0x1122334455667788n;
const GARBAGE = 0x5bad5bad5bad5badn;
const SYS_WRITE = 1n;
const SYS_EXIT_GROUP = 231n;

export const userX86: UserCpu = {
  arch: 'x86_64',
  /** %rax, %rbx, %rbp and %rsp after the program. */
  registersBytes: 32,
  answer: value => written(asm => asm.movImm(REG.rax, value)),
  recorder: (count, record) => written(asm => recordArguments(asm, count, record)),
  counter: at => written(asm => countCall(asm, at)),
  copy: () => written(copyBytes),
  process: writeProcess,
  returnedOf(registers) {
    const [rbx, rbp, rsp] = [8, 16, 24].map(at => registers.readBigInt64LE(at));
    if (rbx !== RBX || rbp !== RBP || rsp !== 0n)
      throw new Error(`init left rbx ${rbx}, rbp ${rbp}, and rsp off by ${rsp}`);
    return registers.readInt32LE(0);
  },
};

function written(write: (asm: X86Assembler) => void): Uint8Array {
  const asm = new X86Assembler();
  stopUnlessAligned(asm);
  write(asm);
  for (const reg of [REG.rcx, REG.rdx, REG.rsi, REG.rdi, REG.r8, REG.r9]) asm.movImm(reg, GARBAGE);
  asm.ret();
  asm.resolveJumps();
  return asm.code.finish();
}

/** At the entry of a function the stack is 8 off a multiple of 16 (psABI x86-64, 3.2.2). */
function stopUnlessAligned(asm: X86Assembler): void {
  asm.code.u8(0x49, 0x89, 0xe3); // mov %rsp,%r11
  asm.code.u8(0x41, 0x83, 0xe3, 0x0f); // and $0xf,%r11d
  asm.code.u8(0x41, 0x83, 0xfb, 0x08); // cmp $0x8,%r11d
  asm.code.u8(0x74, 0x02); // je over the next
  asm.code.u8(0x0f, 0x0b); // ud2
}

/** record[0] is %al; record[1] and on are the arguments. Returns how many those are. */
function recordArguments(asm: X86Assembler, count: number, record: bigint): void {
  asm.code.u8(0x49, 0x89, 0xc2); // mov %rax,%r10
  asm.movImm(REG.rax, record);
  asm.code.u8(0x4c, 0x89, 0x10); // mov %r10,(%rax)
  const registers = [REG.rdi, REG.rsi, REG.rdx, REG.rcx, REG.r8, REG.r9];
  for (let index = 0; index < count; index++) {
    const reg = registers[index] ?? REG.rdi;
    if (index >= registers.length) asm.load(reg, REG.rsp, 8 * (index - registers.length + 1));
    asm.store(REG.rax, 8 * (index + 1), reg);
  }
  asm.movImm(REG.rax, BigInt(count));
}

function countCall(asm: X86Assembler, at: bigint): void {
  asm.movImm(REG.rax, at);
  asm.load(REG.rcx, REG.rax, 0);
  asm.arithmeticImm('add', REG.rcx, 1);
  asm.store(REG.rax, 0, REG.rcx);
  asm.movRegReg(REG.rax, REG.rdi);
}

function copyBytes(asm: X86Assembler): void {
  asm.movRegReg(REG.rcx, REG.rdx);
  asm.repMovsb();
  asm.movImm(REG.rax, 0n);
}

function writeProcess({ functions, programs, address, output }: ProcessLayout): Uint8Array {
  const asm = new X86Assembler();
  const main = asm.label();
  asm.jmp(main);
  asm.code.align(FIRST_FUNCTION);
  asm.code.bytes(functions);
  const entries = programs.map(program => {
    const at = asm.code.length;
    asm.code.bytes(relocated(program, address + BigInt(at)));
    return at;
  });
  asm.bind(main);
  for (const [index, program] of programs.entries()) callProgram(asm, program, entries[index]!);
  asm.movImm(REG.rax, SYS_WRITE);
  asm.movImm(REG.rdi, 1n);
  asm.movImm(REG.rsi, output.address);
  asm.movImm(REG.rdx, BigInt(output.sizeBytes));
  asm.syscall();
  asm.movImm(REG.rax, SYS_EXIT_GROUP);
  asm.movImm(REG.rdi, 0n);
  asm.syscall();
  asm.resolveJumps();
  return asm.code.finish();
}

/** Fills `.data`, calls, and keeps the registers that init must leave alone. */
function callProgram(asm: X86Assembler, { code, constants, registers }: PlacedProgram, entry: number): void {
  for (const [at, word] of nonZeroWords(code.data)) {
    asm.movImm(REG.rax, constants + BigInt(at));
    asm.movImm(REG.rcx, word);
    asm.store(REG.rax, 0, REG.rcx);
  }
  asm.movImm(REG.rax, registers);
  asm.store(REG.rax, 24, REG.rsp);
  asm.movImm(REG.rbx, RBX);
  asm.movImm(REG.rbp, RBP);
  // call entry
  asm.code.u8(0xe8);
  asm.code.i32(entry - (asm.code.length + 4));
  asm.movImm(REG.rdx, registers);
  asm.store(REG.rdx, 0, REG.rax);
  asm.store(REG.rdx, 8, REG.rbx);
  asm.store(REG.rdx, 16, REG.rbp);
  asm.load(REG.rcx, REG.rdx, 24);
  asm.arithmetic('sub', REG.rcx, REG.rsp);
  asm.store(REG.rdx, 24, REG.rcx);
}

/** Words of eight bytes that are not 0, and where they stand. */
export function* nonZeroWords(data: Uint8Array): Generator<readonly [at: number, word: bigint]> {
  const bytes = Buffer.alloc(Math.ceil(data.length / 8) * 8);
  bytes.set(data);
  for (let at = 0; at < bytes.length; at += 8) {
    const word = bytes.readBigUInt64LE(at);
    if (word !== 0n) yield [at, word];
  }
}

/** What a kernel's module loader does: S + A - P in 32 bits. */
function relocated(program: PlacedProgram, address: bigint): Uint8Array {
  const { text, relocations, targets } = program.code;
  const bytes = Buffer.from(text);
  for (const { kind, offset, symbol, addend } of relocations) {
    if (kind !== 'call' && kind !== 'pc32') throw new Error('code has no absolute addresses');
    const target = sectionAddress(program, symbol) ?? targets.find(({ name }) => name === symbol)!.address;
    bytes.writeInt32LE(Number(target + addend - (address + BigInt(offset))), offset);
  }
  return bytes;
}
