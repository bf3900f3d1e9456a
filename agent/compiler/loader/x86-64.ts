import { CC, type CodeLabel, REG, X86Assembler } from '../codegen/index.ts';
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

/** System calls by number (arch/x86/entry/syscalls/syscall_64.tbl, v6.12). */
const SYS = {
  read: 0,
  write: 1,
  lseek: 8,
  mlock: 149,
  clock_gettime: 228,
  exit_group: 231,
} as const;

/**
 * The loader's code for x86-64. Its life: touch and lock the pages that the module will write to, since
 * copy_to_user_nofault() brings no page in; wait for the go message and the image (end of file means that the
 * agent has ended: exit without loading); go to the end of the kernel log; init_module() between two looks at
 * the clock; write the reply; exit.
 *
 * Not finit_module(): since Linux 6.5 it keeps a list of the files that are being loaded (struct idempotent,
 * kernel/module/main.c, v6.12) on the stack of the task that loads. A task that dies in an oops leaves its
 * entry behind, and a later load of a file with a reused inode waits for the dead one forever. init_module()
 * has no such list.
 */
export function loaderText(): Uint8Array {
  const asm = new X86Assembler();
  touchPages(asm);
  // rbx: scratch, rbp: reply; both survive system calls, which change rax, rcx and r11 only.
  asm.movImm(REG.rbx, SCRATCH_ADDRESS);
  asm.movImm(REG.rbp, LOADER.REPLY_ADDRESS);
  const exit = asm.label();
  waitForModule(asm, exit);
  loadModule(asm);
  writeReply(asm, exit);
  asm.bind(exit);
  call(asm, 'exit_group', 0n);
  asm.resolveJumps();
  return asm.code.finish();
}

function touchPages(asm: X86Assembler): void {
  const next = asm.label();
  asm.movImm(REG.rdi, LOADER.REPLY_ADDRESS);
  asm.movImm(REG.rcx, BigInt(LOCKED_BYTES / TOUCH_STEP_BYTES));
  asm.bind(next);
  asm.storeImm8(REG.rdi, 0);
  asm.arithmeticImm('add', REG.rdi, TOUCH_STEP_BYTES);
  asm.arithmeticImm('sub', REG.rcx, 1);
  asm.jcc(CC.ne, next);
  call(asm, 'mlock', LOADER.REPLY_ADDRESS, BigInt(LOCKED_BYTES));
}

function waitForModule(asm: X86Assembler, exit: CodeLabel): void {
  asm.movImm(REG.rsi, SCRATCH_ADDRESS);
  asm.movImm(REG.rdx, BigInt(GO_BYTES));
  transfer(asm, 'read', FD.STDIN, exit);
  asm.movImm(REG.rsi, IMAGE_ADDRESS);
  asm.load(REG.rdx, REG.rbx, SCRATCH.GO_IMAGE_BYTES);
  transfer(asm, 'read', FD.STDIN, exit);
}

/** The agent shares the position in the kernel log, and so reads only the lines of this call. */
function loadModule(asm: X86Assembler): void {
  call(asm, 'lseek', FD.KERNEL_LOG, 0n, SEEK_END);
  call(asm, 'clock_gettime', CLOCK_MONOTONIC, SCRATCH_ADDRESS + BigInt(SCRATCH.BEFORE));
  asm.movImm(REG.rdi, IMAGE_ADDRESS);
  asm.load(REG.rsi, REG.rbx, SCRATCH.GO_ARGUMENT);
  asm.movImm(REG.rdx, SCRATCH_ADDRESS + BigInt(SCRATCH.EMPTY_STRING));
  asm.load(REG.rax, REG.rbx, SCRATCH.GO_SYSTEM_CALL);
  asm.syscall();
  asm.store(REG.rbp, 0, REG.rax);
  call(asm, 'clock_gettime', CLOCK_MONOTONIC, SCRATCH_ADDRESS + BigInt(SCRATCH.AFTER));
  // (after.s - before.s) * 10^9 + after.ns - before.ns
  asm.load(REG.rax, REG.rbx, SCRATCH.AFTER);
  asm.load(REG.rcx, REG.rbx, SCRATCH.BEFORE);
  asm.arithmetic('sub', REG.rax, REG.rcx);
  asm.movImm(REG.rcx, NS_PER_S);
  asm.imul(REG.rax, REG.rcx);
  asm.load(REG.rcx, REG.rbx, SCRATCH.AFTER + 8);
  asm.arithmetic('add', REG.rax, REG.rcx);
  asm.load(REG.rcx, REG.rbx, SCRATCH.BEFORE + 8);
  asm.arithmetic('sub', REG.rax, REG.rcx);
  asm.store(REG.rbp, 8, REG.rax);
}

function writeReply(asm: X86Assembler, exit: CodeLabel): void {
  asm.movRegReg(REG.rsi, REG.rbp);
  asm.load(REG.rdx, REG.rbx, SCRATCH.GO_RESULT_BYTES);
  asm.arithmeticImm('add', REG.rdx, REPLY_HEADER_BYTES);
  transfer(asm, 'write', FD.STDOUT, exit);
}

/**
 * Reads or writes %rdx bytes at %rsi: a pipe may take or give less than all at a time. An end or an error
 * goes to `exit`.
 */
function transfer(asm: X86Assembler, name: 'read' | 'write', descriptor: bigint, exit: CodeLabel): void {
  const next = asm.label();
  asm.bind(next);
  asm.movImm(REG.rax, BigInt(SYS[name]));
  asm.movImm(REG.rdi, descriptor);
  asm.syscall();
  asm.arithmeticImm('cmp', REG.rax, 0);
  asm.jcc(CC.le, exit);
  asm.arithmetic('add', REG.rsi, REG.rax);
  asm.arithmetic('sub', REG.rdx, REG.rax);
  asm.jcc(CC.ne, next);
}

/** A system call with constant arguments: number in %rax, then %rdi, %rsi, %rdx (psABI A.2.1). */
function call(asm: X86Assembler, name: keyof typeof SYS, ...args: readonly bigint[]): void {
  const registers = [REG.rdi, REG.rsi, REG.rdx];
  asm.movImm(REG.rax, BigInt(SYS[name]));
  for (const [index, arg] of args.entries()) asm.movImm(registers[index]!, arg);
  asm.syscall();
}
