import { type BlockValue, type Instruction, type IrProgram, roundUp, type Temp } from '../../ir/index.ts';
import { emitPointerCheck, firstOf } from '../common/index.ts';
import { REG, type Reg } from './assembler.ts';
import type { StackFrame } from './frame.ts';

/** Integer argument registers in order (System V psABI x86-64, 3.2.3). */
const ARGUMENT_REGS: readonly Reg[] = [REG.rdi, REG.rsi, REG.rdx, REG.rcx, REG.r8, REG.r9];

/** What calls go through on kernels built with retpolines (arch/x86/lib/retpoline.S, v6.12). */
const INDIRECT_THUNK = ['__x86_indirect_thunk_r11'];

/** Bytes that a structure may have to travel in registers: two eightbytes. */
const REGISTER_BYTES = 16;

type Call = Extract<Instruction, { op: 'call' }>;

/** One eightbyte of an argument, and where it goes. */
interface Eightbyte {
  readonly argument: Temp | BlockValue;
  /** Bytes into a structure. */
  readonly offset: number;
}

/** Where the arguments of a call travel. */
export interface ArgumentLocations {
  /** In the order of {@link ARGUMENT_REGS}; undefined for the hidden address of the result. */
  readonly registers: readonly (Eightbyte | undefined)[];
  readonly stack: readonly (Eightbyte & { readonly at: number })[];
  /** Bytes on the stack, a multiple of 16. */
  readonly stackBytes: number;
}

/**
 * Assigns arguments by psABI x86-64, 3.2.3. All parts of what call programs pass are of class INTEGER: a
 * structure of up to two eightbytes goes to registers if enough are left for all of it; larger and packed
 * ones are of class MEMORY, and go to the stack by value. A result of class MEMORY takes the first register
 * for its address.
 */
export function assignArguments({ args, block }: Pick<Call, 'args' | 'block'>): ArgumentLocations {
  const registers: (Eightbyte | undefined)[] = block && isMemory(block) ? [undefined] : [];
  const stack: (Eightbyte & { readonly at: number })[] = [];
  let stackBytes = 0;
  for (const argument of args) {
    const isBlock = typeof argument !== 'number';
    const count = isBlock ? Math.ceil(argument.bytes / 8) : 1;
    const parts = Array.from({ length: count }, (_, index) => ({ argument, offset: index * 8 }));
    const inMemory = isBlock && isMemory(argument);
    if (!inMemory && registers.length + count <= ARGUMENT_REGS.length) {
      registers.push(...parts);
      continue;
    }
    stackBytes = roundUp(stackBytes, isBlock ? Math.max(8, argument.alignment) : 8);
    for (const part of parts) stack.push({ ...part, at: stackBytes + part.offset });
    stackBytes += count * 8;
  }
  return { registers, stack, stackBytes: roundUp(stackBytes, 16) };
}

function isMemory({ bytes, unaligned }: BlockValue): boolean {
  return bytes > REGISTER_BYTES || (unaligned && bytes > 0);
}

/** Room that the calls of a program need on the stack at most. */
export function stackArgumentBytes({ blocks }: Pick<IrProgram, 'blocks'>): number {
  let most = 0;
  for (const { instructions } of blocks)
    for (const each of instructions)
      if (each.op === 'call') most = Math.max(most, assignArguments(each).stackBytes);
  return most;
}

/** A call. %al counts vector registers for variadic functions: none. */
export function emitCall(frame: StackFrame, call: Call): void {
  const { asm } = frame;
  const { registers, stack } = assignArguments(call);
  for (const { at, ...part } of stack) {
    loadEightbyte(frame, REG.rax, part);
    asm.store(REG.rsp, at, REG.rax);
  }
  for (const [index, part] of registers.entries()) {
    const reg = ARGUMENT_REGS[index]!;
    if (part) loadEightbyte(frame, reg, part);
    else frame.leaLocal(reg, call.block!.offset);
  }
  emitTransfer(frame, call);
  emitResult(frame, call);
}

function loadEightbyte(frame: StackFrame, reg: Reg, { argument, offset }: Eightbyte): void {
  if (typeof argument === 'number') frame.loadTemp(reg, argument);
  else frame.asm.load(reg, REG.rbx, frame.layout.locals + argument.offset + offset);
}

/**
 * Through a pointer: by name if it can only be one function, so that kernels with IBT, which fault where an
 * indirect call does not land on `endbr64`, need none there.
 */
function emitTransfer(frame: StackFrame, { target, check: index }: Call): void {
  const { asm } = frame;
  if (typeof target !== 'number') {
    asm.movImm(REG.rax, 0n);
    return frame.callTarget(target);
  }
  const check = frame.checkOf(index);
  frame.loadTemp(REG.r11, target);
  emitPointerCheck(frame, REG.r11, check);
  asm.movImm(REG.rax, 0n);
  const [only, ...others] = check.permitted;
  if (only && others.length === 0) return frame.callTarget(only);
  const thunk = firstOf(INDIRECT_THUNK, frame.input.findFunction);
  if (thunk) frame.callTarget(thunk);
  else asm.callR11();
}

/**
 * A structure of up to two eightbytes comes in %rax and %rdx, a larger one is already where it was asked for.
 */
function emitResult(frame: StackFrame, { to, block }: Call): void {
  if (to !== undefined) return frame.storeTemp(to);
  if (!block || block.bytes === 0 || isMemory(block)) return;
  const at = frame.layout.locals + block.offset;
  frame.asm.store(REG.rbx, at, REG.rax);
  if (block.bytes > 8) frame.asm.store(REG.rbx, at + 8, REG.rdx);
}
