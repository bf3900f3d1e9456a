import { CC, REG, X86Assembler } from '../codegen/index.ts';
import {
  BSS_BYTES,
  GO_BYTES,
  LOADER,
  REPLY_HEADER_BYTES,
  SCRATCH_ADDRESS,
  TOUCH_STEP_BYTES,
} from './layout.ts';

/** System calls by number (arch/x86/entry/syscalls/syscall_64.tbl, v6.12). */
const SYS = {
  read: 0,
  write: 1,
  lseek: 8,
  mlock: 149,
  clock_gettime: 228,
  exit_group: 231,
  finit_module: 313,
} as const;

const CLOCK_MONOTONIC = 1n;
const SEEK_END = 2n;
const NS_PER_S = 1_000_000_000n;

/** Offsets in the scratch memory. */
const GO = 0;
const BEFORE = 16;
const AFTER = 32;
const EMPTY_STRING = 48;

/**
 * The loader's code for x86-64. Its life: touch and lock the pages that the module will write to, since
 * copy_to_user_nofault() brings no page in; wait for the go message (end of file means that the agent is gone: exit
 * without loading); go to the end of the kernel log on descriptor 4; finit_module(3, "", 0) between two looks at the clock; write the reply; exit.
 */
export function loaderText(): Uint8Array {
  const asm = new X86Assembler();
  touchPages(asm);
  // rbx: scratch, rbp: reply; both survive system calls, which change rax, rcx and r11 only.
  asm.movImm(REG.rbx, SCRATCH_ADDRESS);
  asm.movImm(REG.rbp, LOADER.REPLY_ADDRESS);
  const gone = asm.label();
  waitForGo(asm, gone);
  loadModule(asm);
  writeReply(asm, gone);
  asm.place(gone);
  call(asm, 'exit_group', 0n);
  asm.resolveJumps();
  return asm.code.finish();
}

function touchPages(asm: X86Assembler): void {
  const next = asm.label();
  asm.movImm(REG.rdi, LOADER.REPLY_ADDRESS);
  asm.movImm(REG.rcx, BigInt(BSS_BYTES / TOUCH_STEP_BYTES));
  asm.place(next);
  asm.storeImm8(REG.rdi, 0);
  asm.arithmeticImm('add', REG.rdi, TOUCH_STEP_BYTES);
  asm.arithmeticImm('sub', REG.rcx, 1);
  asm.jcc(CC.ne, next);
  call(asm, 'mlock', LOADER.REPLY_ADDRESS, BigInt(BSS_BYTES));
}

function waitForGo(asm: X86Assembler, gone: number): void {
  call(asm, 'read', 0n, SCRATCH_ADDRESS + BigInt(GO), BigInt(GO_BYTES));
  asm.arithmeticImm('cmp', REG.rax, GO_BYTES);
  asm.jcc(CC.ne, gone);
}

/** The kernel log on descriptor 4 goes to its end, so that the agent, which shares it, reads the lines of this call only. */
function loadModule(asm: X86Assembler): void {
  call(asm, 'lseek', 4n, 0n, SEEK_END);
  call(asm, 'clock_gettime', CLOCK_MONOTONIC, SCRATCH_ADDRESS + BigInt(BEFORE));
  call(asm, 'finit_module', 3n, SCRATCH_ADDRESS + BigInt(EMPTY_STRING), 0n);
  asm.store(REG.rbp, 0, REG.rax);
  call(asm, 'clock_gettime', CLOCK_MONOTONIC, SCRATCH_ADDRESS + BigInt(AFTER));
  // (after.s - before.s) * 10^9 + after.ns - before.ns
  asm.load(REG.rax, REG.rbx, AFTER);
  asm.load(REG.rcx, REG.rbx, BEFORE);
  asm.arithmetic('sub', REG.rax, REG.rcx);
  asm.movImm(REG.rcx, NS_PER_S);
  asm.imul(REG.rax, REG.rcx);
  asm.load(REG.rcx, REG.rbx, AFTER + 8);
  asm.arithmetic('add', REG.rax, REG.rcx);
  asm.load(REG.rcx, REG.rbx, BEFORE + 8);
  asm.arithmetic('sub', REG.rax, REG.rcx);
  asm.store(REG.rbp, 8, REG.rax);
}

/** A pipe may take less than all at a time; an error (the agent is gone) ends it. */
function writeReply(asm: X86Assembler, gone: number): void {
  const next = asm.label();
  const { rsi, rdx, rax, rdi } = REG;
  asm.movRegReg(rsi, REG.rbp);
  asm.load(rdx, REG.rbx, GO);
  asm.arithmeticImm('add', rdx, REPLY_HEADER_BYTES);
  asm.place(next);
  asm.movImm(rax, BigInt(SYS.write));
  asm.movImm(rdi, 1n);
  asm.syscall();
  asm.arithmeticImm('cmp', rax, 0);
  asm.jcc(CC.le, gone);
  asm.arithmetic('add', rsi, rax);
  asm.arithmetic('sub', rdx, rax);
  asm.jcc(CC.ne, next);
}

/** A system call with constant arguments: number in %rax, then %rdi, %rsi, %rdx (psABI A.2.1). */
function call(asm: X86Assembler, name: keyof typeof SYS, ...args: readonly bigint[]): void {
  const registers = [REG.rdi, REG.rsi, REG.rdx];
  asm.movImm(REG.rax, BigInt(SYS[name]));
  for (const [index, arg] of args.entries()) asm.movImm(registers[index]!, arg);
  asm.syscall();
}
