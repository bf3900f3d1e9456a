import { Arm64Assembler, ARM64_COND as COND, type CodeLabel, ARM64_REG as REG } from '../codegen/index.ts';
import {
  CLOCK_MONOTONIC,
  FD,
  GO_BYTES,
  IMAGE_ADDRESS,
  LOADER,
  LOCKED_BYTES,
  NS_PER_S,
  REPLY_HEADER_BYTES,
  SCRATCH,
  SCRATCH_ADDRESS,
  SEEK_END,
  TOUCH_STEP_BYTES,
} from './layout.ts';

/** System calls by number (include/uapi/asm-generic/unistd.h, v6.12). */
const SYS = {
  lseek: 62,
  read: 63,
  write: 64,
  exit_group: 94,
  clock_gettime: 113,
  mlock: 228,
} as const;

const { x0, x1, x2, x8, x9, x16, x17, x19, x29 } = REG;

/**
 * The loader's code for AArch64; its life is that of the one for x86-64, and so is the reason for
 * init_module(). x19 holds the scratch memory and x29 the reply; system calls change x0 only.
 */
export function loaderText(): Uint8Array {
  const asm = new Arm64Assembler();
  asm.movImm(x19, SCRATCH_ADDRESS);
  asm.movImm(x29, LOADER.REPLY_ADDRESS);
  touchPages(asm);
  const exit = asm.label();
  waitForModule(asm, exit);
  loadModule(asm);
  writeReply(asm, exit);
  asm.bind(exit);
  call(asm, 'exit_group', 0n);
  asm.resolveJumps();
  return asm.code.finish();
}

function touchPages(asm: Arm64Assembler): void {
  const next = asm.label();
  asm.movRegReg(x0, x29);
  asm.movImm(x1, BigInt(LOCKED_BYTES / TOUCH_STEP_BYTES));
  asm.movImm(x2, BigInt(TOUCH_STEP_BYTES));
  asm.movImm(x9, 0n);
  asm.bind(next);
  asm.store(x0, 0, x9);
  asm.arithmetic('add', x0, x0, x2);
  asm.subsImm(x1, x1, 1);
  asm.bCond(COND.ne, next);
  call(asm, 'mlock', LOADER.REPLY_ADDRESS, BigInt(LOCKED_BYTES));
}

function waitForModule(asm: Arm64Assembler, exit: CodeLabel): void {
  asm.movRegReg(x16, x19);
  asm.movImm(x17, BigInt(GO_BYTES));
  transfer(asm, 'read', FD.STDIN, exit);
  asm.movImm(x16, IMAGE_ADDRESS);
  asm.load(x17, x19, SCRATCH.GO_IMAGE_BYTES);
  transfer(asm, 'read', FD.STDIN, exit);
}

/** The agent shares the position in the kernel log, and so reads only the lines of this call. */
function loadModule(asm: Arm64Assembler): void {
  call(asm, 'lseek', FD.KERNEL_LOG, 0n, SEEK_END);
  call(asm, 'clock_gettime', CLOCK_MONOTONIC, SCRATCH_ADDRESS + BigInt(SCRATCH.BEFORE));
  asm.movImm(x0, IMAGE_ADDRESS);
  asm.load(x1, x19, SCRATCH.GO_ARGUMENT);
  asm.movImm(x2, SCRATCH_ADDRESS + BigInt(SCRATCH.EMPTY_STRING));
  asm.load(x8, x19, SCRATCH.GO_SYSTEM_CALL);
  asm.svc();
  asm.store(x29, 0, x0);
  call(asm, 'clock_gettime', CLOCK_MONOTONIC, SCRATCH_ADDRESS + BigInt(SCRATCH.AFTER));
  // (after.s - before.s) * 10^9 + after.ns - before.ns
  asm.load(x0, x19, SCRATCH.AFTER);
  asm.load(x1, x19, SCRATCH.BEFORE);
  asm.arithmetic('sub', x0, x0, x1);
  asm.movImm(x1, NS_PER_S);
  asm.mul(x0, x0, x1);
  asm.load(x1, x19, SCRATCH.AFTER + 8);
  asm.arithmetic('add', x0, x0, x1);
  asm.load(x1, x19, SCRATCH.BEFORE + 8);
  asm.arithmetic('sub', x0, x0, x1);
  asm.store(x29, 8, x0);
}

function writeReply(asm: Arm64Assembler, exit: CodeLabel): void {
  asm.movRegReg(x16, x29);
  asm.load(x17, x19, SCRATCH.GO_RESULT_BYTES);
  asm.arithmeticImm('add', x17, x17, REPLY_HEADER_BYTES);
  transfer(asm, 'write', FD.STDOUT, exit);
}

/**
 * Reads or writes x17 bytes at x16: a pipe may take or give less than all at a time. An end or an error goes
 * to `exit`.
 */
function transfer(asm: Arm64Assembler, name: 'read' | 'write', descriptor: bigint, exit: CodeLabel): void {
  const next = asm.label();
  asm.bind(next);
  asm.movImm(x8, BigInt(SYS[name]));
  asm.movImm(x0, descriptor);
  asm.movRegReg(x1, x16);
  asm.movRegReg(x2, x17);
  asm.svc();
  asm.cmpImm(x0, 0);
  asm.bCond(COND.le, exit);
  asm.arithmetic('add', x16, x16, x0);
  asm.arithmetic('sub', x17, x17, x0);
  asm.cbnz(x17, next);
}

/** A system call with constant arguments: number in x8, then x0, x1, x2. */
function call(asm: Arm64Assembler, name: keyof typeof SYS, ...args: readonly bigint[]): void {
  const registers = [x0, x1, x2];
  asm.movImm(x8, BigInt(SYS[name]));
  for (const [index, arg] of args.entries()) asm.movImm(registers[index]!, arg);
  asm.svc();
}
