import { type BlockValue, type Instruction, type IrProgram, roundUp, type Temp } from '../../ir/index.ts';
import { emitPointerCheck } from '../common/index.ts';
import { REG, type Reg } from './assembler.ts';
import type { StackFrame } from './frame.ts';

/** Integer argument registers in order (AAPCS64, 6.8.2). */
const ARGUMENT_REGS: readonly Reg[] = [REG.x0, REG.x1, REG.x2, REG.x3, REG.x4, REG.x5, REG.x6, REG.x7];

/** Bytes that a structure may have to travel in registers. A larger one travels as a pointer to a copy. */
const REGISTER_BYTES = 16;

type Call = Extract<Instruction, { op: 'call' }>;

/** Eight bytes that a call passes. */
type Part =
  | { readonly kind: 'temp'; readonly temp: Temp }
  /** Eight bytes of own memory, or their address. */
  | { readonly kind: 'bytes' | 'address'; readonly offset: number };

/** Where the arguments of a call travel. */
export interface ArgumentLocations {
  /** In the order of {@link ARGUMENT_REGS}; undefined for one that is left out. */
  readonly registers: readonly (Part | undefined)[];
  readonly stack: readonly { readonly part: Part; readonly at: number }[];
  /** Bytes on the stack, a multiple of 16. */
  readonly stackBytes: number;
}

/**
 * Assigns arguments by AAPCS64, 6.8.2, stages B and C; variadic ones are assigned like others. A structure of
 * up to 16 bytes goes to registers if enough are left for all of it, and otherwise to the stack, after which
 * no register is used any more; one with the alignment of 16 starts at an even register. A larger structure
 * becomes the address of its copy: lowering has made one.
 */
export function assignArguments(args: Call['args']): ArgumentLocations {
  const registers: (Part | undefined)[] = [];
  const stack: { part: Part; at: number }[] = [];
  let stackBytes = 0;
  let isFull = false;
  for (const argument of args) {
    const parts = partsOf(argument);
    const alignment = parts.some(({ kind }) => kind === 'bytes') ? (argument as BlockValue).alignment : 8;
    const start = alignment === 16 ? roundUp(registers.length, 2) : registers.length;
    isFull ||= start + parts.length > ARGUMENT_REGS.length;
    if (!isFull) {
      while (registers.length < start) registers.push(undefined);
      registers.push(...parts);
      continue;
    }
    stackBytes = roundUp(stackBytes, Math.max(8, alignment));
    for (const part of parts) {
      stack.push({ part, at: stackBytes });
      stackBytes += 8;
    }
  }
  return { registers, stack, stackBytes: roundUp(stackBytes, 16) };
}

function partsOf(argument: Temp | BlockValue): Part[] {
  if (typeof argument === 'number') return [{ kind: 'temp', temp: argument }];
  const { offset, bytes } = argument;
  if (bytes > REGISTER_BYTES) return [{ kind: 'address', offset }];
  return Array.from({ length: Math.ceil(bytes / 8) }, (_, index) => ({
    kind: 'bytes' as const,
    offset: offset + index * 8,
  }));
}

/** Room that the calls of a program need on the stack at most. */
export function stackArgumentBytes({ blocks }: Pick<IrProgram, 'blocks'>): number {
  let most = 0;
  for (const { instructions } of blocks)
    for (const each of instructions)
      if (each.op === 'call') most = Math.max(most, assignArguments(each.args).stackBytes);
  return most;
}

/** A call. The address of a result that does not fit into registers goes in x8. */
export function emitCall(frame: StackFrame, { args, block, target, to, check }: Call): void {
  const { registers, stack } = assignArguments(args);
  for (const { part, at } of stack) {
    loadPart(frame, REG.x9, part);
    frame.storeToStack(at, REG.x9);
  }
  for (const [index, part] of registers.entries()) if (part) loadPart(frame, ARGUMENT_REGS[index]!, part);
  if (block && block.bytes > REGISTER_BYTES) frame.leaLocal(REG.x8, block.offset);
  if (typeof target === 'number') {
    frame.loadTemp(REG.x16, target);
    emitPointerCheck(frame, REG.x16, frame.checkOf(check));
    frame.transfer();
  } else frame.callTarget(target);
  if (to !== undefined) frame.storeTemp(to);
  else if (block) storeBlock(frame, block);
}

function loadPart(frame: StackFrame, reg: Reg, part: Part): void {
  if (part.kind === 'temp') frame.loadTemp(reg, part.temp);
  else if (part.kind === 'address') frame.leaLocal(reg, part.offset);
  else frame.load(reg, frame.layout.locals + part.offset);
}

/** A structure of up to 16 bytes comes in x0 and x1, a larger one is already where it was asked for. */
function storeBlock(frame: StackFrame, { offset, bytes }: BlockValue): void {
  if (bytes === 0 || bytes > REGISTER_BYTES) return;
  frame.store(frame.layout.locals + offset, REG.x0);
  if (bytes > 8) frame.store(frame.layout.locals + offset + 8, REG.x1);
}
