import type { HandlerProgram, Instruction } from '../../ir/index.ts';
import { REG } from './assembler.ts';
import { assignArguments, stackArgumentBytes } from './call.ts';
import { SAVED_X19, type StackFrame } from './frame.ts';

type Of<K extends Instruction['op']> = Extract<Instruction, { op: K }>;

const { x0, x1, x2, x3, x4 } = REG;

/** `sp` in struct pt_regs, behind x0 to x30 (arch/arm64/include/asm/ptrace.h, v5.10 and v6.12). */
const STACK_POINTER_AT = 31 * 8;

/** The same of x30 and of `pc`. */
const LINK_AT = 30 * 8;
const INSTRUCTION_AT = 32 * 8;

/** The kernel calls a handler through a pointer, so that it must begin with `bti c` where that is on. */
export function emitHandlerPrologue(frame: StackFrame, program: Omit<HandlerProgram, 'kind'>): void {
  const { asm, handlerLayout } = frame;
  const room = stackArgumentBytes(program);
  asm.btiC();
  asm.pushFrame();
  asm.arithmeticImm('add', REG.x29, REG.sp, 0);
  asm.store(REG.sp, SAVED_X19, REG.x19);
  asm.movImm(REG.x16, BigInt(room + handlerLayout!.sizeBytes));
  asm.subSp(REG.x16);
  asm.arithmeticImm('add', REG.x19, REG.sp, room);
  frame.store(handlerLayout!.instance, x0);
  frame.store(handlerLayout!.registers, x1);
  if (handlerLayout!.third !== undefined) frame.store(handlerLayout!.third, x2);
}

/** From where the function finds them: registers as it was entered with them, and the stack. */
export function emitParameters(frame: StackFrame, { params }: Of<'parameters'>): void {
  const { asm, layout, handlerLayout } = frame;
  const { registers, stack } = assignArguments(params);
  frame.load(x2, handlerLayout!.registers);
  for (const [index, part] of registers.entries()) {
    if (!part) continue;
    asm.load(x0, x2, index * 8);
    frame.store(layout.locals + placeOf(part), x0);
  }
  if (stack.length > 0) asm.load(x3, x2, STACK_POINTER_AT);
  for (const { part, at } of stack) {
    asm.load(x0, x3, at);
    frame.store(layout.locals + placeOf(part), x0);
  }
}

function placeOf(part: ReturnType<typeof assignArguments>['stack'][number]['part']): number {
  if (part.kind === 'address') throw new Error('a structure that travels as a pointer is no parameter here');
  return part.kind === 'temp' ? part.temp : part.offset;
}

/** As if the function had returned: the link register still says where to. */
export function emitDivert(frame: StackFrame, { value }: Of<'divert'>): void {
  const { asm } = frame;
  frame.load(x2, frame.handlerLayout!.registers);
  frame.loadTemp(x0, value);
  asm.store(x2, 0, x0);
  asm.load(x0, x2, LINK_AT);
  asm.store(x2, INSTRUCTION_AT, x0);
}

/** Brings what the function returned, the first register of struct pt_regs, to the accumulator. */
export function emitReturned(frame: StackFrame): void {
  frame.load(x2, frame.handlerLayout!.registers);
  frame.asm.load(x0, x2, 0);
}

export function emitLoadAt(frame: StackFrame, { address, bytes }: Of<'load-at'>): void {
  frame.loadTemp(x2, address);
  frame.asm.load(x0, x2, 0, bytes);
}

export function emitStoreAt(frame: StackFrame, { address, from, bytes }: Of<'store-at'>): void {
  frame.loadTemp(x2, address);
  frame.loadTemp(x0, from);
  frame.asm.store(x2, 0, x0, bytes);
}

export function emitAddAt(frame: StackFrame, { address, value }: Of<'add-at'>): void {
  const { asm } = frame;
  const again = asm.label();
  frame.loadTemp(x2, address);
  frame.loadTemp(x1, value);
  asm.bind(again);
  asm.loadExclusive(x0, x2, 8);
  asm.arithmetic('add', x0, x0, x1);
  asm.storeExclusive(x4, x2, x0, 8);
  asm.cbnz(x4, again);
  asm.dmbIsh();
}
