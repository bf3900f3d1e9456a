import { FarcallError } from '../../../../shared/errors/index.ts';
import type { HandlerProgram, Instruction } from '../../ir/index.ts';
import { REG } from './assembler.ts';
import { assignArguments, stackArgumentBytes } from './call.ts';
import type { StackFrame } from './frame.ts';

type Of<K extends Instruction['op']> = Extract<Instruction, { op: K }>;

/**
 * Offsets in struct pt_regs, which the entry code of the kernel fixes (arch/x86/include/asm/ptrace.h, v5.10
 * and v6.12): those of %rdi, %rsi, %rdx, %rcx, %r8 and %r9, in the order in which they hold arguments.
 */
const ARGUMENTS_AT = [112, 104, 96, 88, 72, 64] as const;

/** The same of %rax, which holds what a function returns. */
const RESULT_AT = 80;

/** The same of %rsp. It points to the address that the function returns to. */
const STACK_POINTER_AT = 152;

/** The same of %rip. */
const INSTRUCTION_AT = 128;

const RETURN_ADDRESS_BYTES = 8;

/** The kernel calls a handler through a pointer, so that it must begin with endbr64 where IBT is on. */
export function emitHandlerPrologue(frame: StackFrame, program: Omit<HandlerProgram, 'kind'>): void {
  const { asm, handlerLayout } = frame;
  const room = stackArgumentBytes(program);
  asm.endbr64();
  asm.push(REG.rbp);
  asm.movRegReg(REG.rbp, REG.rsp);
  asm.push(REG.rbx);
  asm.arithmeticImm('sub', REG.rsp, 8 + room + handlerLayout!.sizeBytes);
  asm.lea(REG.rbx, REG.rsp, room);
  frame.store(handlerLayout!.instance, REG.rdi);
  frame.store(handlerLayout!.registers, REG.rsi);
  if (handlerLayout!.third !== undefined) frame.store(handlerLayout!.third, REG.rdx);
}

/** From where the function finds them: registers as it was entered with them, and the stack. */
export function emitParameters(frame: StackFrame, { params, result }: Of<'parameters'>): void {
  const { asm, layout, handlerLayout } = frame;
  const { registers, stack } = assignArguments({ args: params, block: result });
  const keep = (argument: Of<'parameters'>['params'][number], offset: number): void => {
    const at = typeof argument === 'number' ? argument : argument.offset;
    frame.store(layout.locals + at + offset, REG.rax);
  };
  frame.load(REG.rdx, handlerLayout!.registers);
  for (const [index, part] of registers.entries()) {
    if (!part) continue;
    asm.load(REG.rax, REG.rdx, ARGUMENTS_AT[index]!);
    keep(part.argument, part.offset);
  }
  if (stack.length > 0) asm.load(REG.rcx, REG.rdx, STACK_POINTER_AT);
  for (const { argument, offset, at } of stack) {
    asm.load(REG.rax, REG.rcx, RETURN_ADDRESS_BYTES + at);
    keep(argument, offset);
  }
}

/**
 * As if the function had returned: its registers, but for the stack, which some ways back do not restore
 * (ftrace_regs_caller, arch/x86/kernel/ftrace_64.S, v6.12). So it goes on in a function that only returns.
 * Throws KERNEL_LACKS where the kernel has none.
 */
export function emitDivert(frame: StackFrame, { value, returnAt }: Of<'divert'>): void {
  if (returnAt === undefined)
    throw new FarcallError(
      'KERNEL_LACKS',
      'this kernel has neither just_return_func nor ftrace_stub, by which a denied function returns',
    );
  const { asm } = frame;
  frame.load(REG.rdx, frame.handlerLayout!.registers);
  frame.loadTemp(REG.rax, value);
  asm.store(REG.rdx, RESULT_AT, REG.rax);
  asm.movImm(REG.rax, returnAt);
  asm.store(REG.rdx, INSTRUCTION_AT, REG.rax);
}

/** Brings what the function returned to the accumulator. */
export function emitReturned(frame: StackFrame): void {
  frame.load(REG.rdx, frame.handlerLayout!.registers);
  frame.asm.load(REG.rax, REG.rdx, RESULT_AT);
}

export function emitLoadAt(frame: StackFrame, { address, bytes }: Of<'load-at'>): void {
  frame.loadTemp(REG.rdx, address);
  frame.asm.loadBytes(REG.rax, REG.rdx, 0, bytes);
}

export function emitStoreAt(frame: StackFrame, { address, from, bytes }: Of<'store-at'>): void {
  frame.loadTemp(REG.rdx, address);
  frame.loadTemp(REG.rax, from);
  frame.asm.storeRax(REG.rdx, 0, bytes);
}

export function emitAddAt(frame: StackFrame, { address, value }: Of<'add-at'>): void {
  frame.loadTemp(REG.rdx, address);
  frame.loadTemp(REG.rax, value);
  frame.asm.movRegReg(REG.rcx, REG.rax);
  frame.asm.lockXadd();
  frame.asm.arithmetic('add', REG.rax, REG.rcx);
}

/** Throws KERNEL_LACKS where nobody knows in which of a CPU's own variables it is. */
export function emitCurrent({ asm }: StackFrame, { perCpu }: Of<'current'>): void {
  if (perCpu === undefined)
    throw new FarcallError('KERNEL_LACKS', 'this kernel has no current_task that farcall finds');
  asm.loadPerCpu(perCpu);
}
