import type { Instruction } from '../../ir/index.ts';
import { RESULT_HEADER, RESULT_HEADER_BYTES, ROW_HEADER_BYTES } from '../common/index.ts';
import { type AccessBytes, COND, REG, type Reg } from './assembler.ts';
import type { StackFrame } from './frame.ts';

type Of<K extends Instruction['op']> = Extract<Instruction, { op: K }>;

const { x0, x1, x2, x3, x4 } = REG;

/**
 * The address has been read before, so it is the kernel's; that it cannot be written shows in the exception
 * table. Load and store exclusive, which every CPU has, as the kernel's own cmpxchg() without LSE does it:
 * release on the store, and a full barrier behind (arch/arm64/include/asm/atomic_ll_sc.h, v6.12).
 */
export function emitExchange(frame: StackFrame, instruction: Of<'exchange'>): void {
  const { asm } = frame;
  const { address, expected, desired, bytes, sourceOffset } = instruction;
  const [again, done] = [asm.label(), asm.label()];
  const fault = frame.stub(sourceOffset, frame.faulted);
  frame.loadTemp(x2, address);
  frame.recordAddress(x2);
  frame.loadTemp(x3, expected);
  if (bytes !== 8) asm.zeroExtend(x3, x3, BITS[bytes]);
  frame.loadTemp(x1, desired);
  asm.bind(again);
  frame.mayFault(fault);
  asm.loadExclusive(x0, x2, bytes);
  asm.cmp(x0, x3);
  asm.bCond(COND.ne, done);
  frame.mayFault(fault);
  asm.storeExclusive(x4, x2, x1, bytes);
  asm.cbnz(x4, again);
  asm.dmbIsh();
  asm.bind(done);
  asm.cset(x0, COND.eq);
  frame.storeTemp(instruction.to);
}

const BITS = { 1: 8, 2: 16, 4: 32 } as const;

/** Within the program's own memory. */
export function emitMove(frame: StackFrame, { to, from, bytes }: Of<'move'>): void {
  frame.leaLocal(x0, to);
  frame.leaLocal(x1, from);
  emitCopy(frame, bytes);
}

/** Within the program's own memory. */
export function emitZero(frame: StackFrame, { offset, bytes }: Of<'zero'>): void {
  frame.leaLocal(x0, offset);
  eachPart(frame, bytes, part => frame.asm.storeZeroNext(x0, part));
}

/** The value of the program, right behind the header. */
export function emitResultBlock(frame: StackFrame, { from, bytes }: Of<'result-block'>): void {
  frame.lea(x0, RESULT_HEADER_BYTES);
  frame.leaLocal(x1, from);
  emitCopy(frame, bytes);
}

/** From where x1 points to where x0 points. */
function emitCopy(frame: StackFrame, bytes: number): void {
  eachPart(frame, bytes, part => {
    frame.asm.loadNext(x3, x1, part);
    frame.asm.storeNext(x0, x3, part);
  });
}

/** A loop of eight bytes at a time, counted in x2, and the rest. */
function eachPart({ asm }: StackFrame, bytes: number, emit: (part: AccessBytes) => void): void {
  const whole = Math.floor(bytes / 8);
  if (whole > 0) {
    const next = asm.label();
    asm.movImm(x2, BigInt(whole));
    asm.bind(next);
    emit(8);
    asm.subsImm(x2, x2, 1);
    asm.bCond(COND.ne, next);
  }
  for (const part of [4, 2, 1] as const) if (bytes & part) emit(part);
}

/** Appends a row where it fits, and counts it where it does not. */
export function emitRow(frame: StackFrame, { reportIndex, from, bytes }: Of<'row'>): void {
  const { asm, main } = frame;
  const [full, done] = [asm.label(), asm.label()];
  frame.load(x2, RESULT_HEADER.USED);
  frame.addTo(x3, x2, ROW_HEADER_BYTES + bytes);
  compareWith(frame, x3, main.resultBytes);
  asm.bCond(COND.hi, full);
  frame.store(RESULT_HEADER.USED, x3);
  asm.arithmetic('add', x0, REG.x19, x2);
  asm.movImm(x3, (BigInt(bytes) << 32n) | BigInt(reportIndex));
  asm.storeNext(x0, x3, ROW_HEADER_BYTES);
  frame.leaLocal(x1, from);
  emitCopy(frame, bytes);
  asm.b(done);
  asm.bind(full);
  frame.load(x0, RESULT_HEADER.DROPPED);
  asm.arithmeticImm('add', x0, x0, 1);
  frame.store(RESULT_HEADER.DROPPED, x0);
  asm.bind(done);
}

function compareWith({ asm }: StackFrame, reg: Reg, value: number): void {
  asm.movImm(REG.x17, BigInt(value));
  asm.cmp(reg, REG.x17);
}

/** Counts down what the layout starts at. Moves and stores leave the flags alone. */
export function emitFuel(frame: StackFrame, { sourceOffset }: Of<'fuel'>): void {
  const { asm, layout } = frame;
  frame.load(x0, layout.fuel);
  asm.subsImm(x0, x0, 1);
  frame.store(layout.fuel, x0);
  asm.bCond(COND.eq, frame.stub(sourceOffset, frame.outOfFuel));
}
