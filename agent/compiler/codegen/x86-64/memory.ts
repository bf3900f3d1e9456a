import type { Instruction } from '../../ir/index.ts';
import { RESULT_HEADER, RESULT_HEADER_BYTES, ROW_HEADER_BYTES } from '../common/index.ts';
import { CC, REG } from './assembler.ts';
import type { StackFrame } from './frame.ts';

type Of<K extends Instruction['op']> = Extract<Instruction, { op: K }>;

/**
 * The address has been read before, so it is the kernel's; that it cannot be written shows in the exception
 * table.
 */
export function emitExchange(frame: StackFrame, instruction: Of<'exchange'>): void {
  const { asm } = frame;
  frame.loadTemp(REG.rdx, instruction.address);
  frame.recordAddress(REG.rdx);
  frame.loadTemp(REG.rax, instruction.expected);
  frame.loadTemp(REG.rcx, instruction.desired);
  frame.mayFault(frame.stub(instruction.sourceOffset, frame.faulted));
  asm.lockCmpxchg(instruction.bytes);
  asm.setAl(CC.e);
  asm.zeroExtendRax(8);
  frame.storeTemp(instruction.to);
}

/** Within the program's own memory. */
export function emitMove(frame: StackFrame, { to, from, bytes }: Of<'move'>): void {
  frame.leaLocal(REG.rdi, to);
  frame.leaLocal(REG.rsi, from);
  emitCopy(frame, bytes);
}

/** Within the program's own memory. */
export function emitZero(frame: StackFrame, { offset, bytes }: Of<'zero'>): void {
  frame.leaLocal(REG.rdi, offset);
  frame.asm.movImm(REG.rax, 0n);
  frame.asm.movImm(REG.rcx, BigInt(bytes));
  frame.asm.repStosb();
}

/** The value of the program, right behind the header. */
export function emitResultBlock(frame: StackFrame, { from, bytes }: Of<'result-block'>): void {
  frame.asm.lea(REG.rdi, REG.rbx, RESULT_HEADER_BYTES);
  frame.leaLocal(REG.rsi, from);
  emitCopy(frame, bytes);
}

function emitCopy({ asm }: StackFrame, bytes: number): void {
  asm.movImm(REG.rcx, BigInt(bytes));
  asm.repMovsb();
}

/** Appends a row where it fits, and counts it where it does not. */
export function emitRow(frame: StackFrame, { reportIndex, from, bytes }: Of<'row'>): void {
  const { asm, main } = frame;
  const [full, done] = [asm.label(), asm.label()];
  asm.load(REG.rdx, REG.rbx, RESULT_HEADER.USED);
  asm.lea(REG.rcx, REG.rdx, ROW_HEADER_BYTES + bytes);
  asm.arithmeticImm('cmp', REG.rcx, main.resultBytes);
  asm.jcc(CC.a, full);
  asm.store(REG.rbx, RESULT_HEADER.USED, REG.rcx);
  asm.movRegReg(REG.rdi, REG.rbx);
  asm.arithmetic('add', REG.rdi, REG.rdx);
  asm.movImm(REG.rax, (BigInt(bytes) << 32n) | BigInt(reportIndex));
  asm.store(REG.rdi, 0, REG.rax);
  asm.arithmeticImm('add', REG.rdi, ROW_HEADER_BYTES);
  frame.leaLocal(REG.rsi, from);
  emitCopy(frame, bytes);
  asm.jmp(done);
  asm.bind(full);
  asm.load(REG.rax, REG.rbx, RESULT_HEADER.DROPPED);
  asm.arithmeticImm('add', REG.rax, 1);
  asm.store(REG.rbx, RESULT_HEADER.DROPPED, REG.rax);
  asm.bind(done);
}

/** Counts down what the layout starts at. */
export function emitFuel(frame: StackFrame, { sourceOffset }: Of<'fuel'>): void {
  const { asm, layout } = frame;
  asm.load(REG.rax, REG.rbx, layout.fuel);
  asm.arithmeticImm('sub', REG.rax, 1);
  asm.store(REG.rbx, layout.fuel, REG.rax);
  asm.jcc(CC.e, frame.stub(sourceOffset, frame.outOfFuel));
}
