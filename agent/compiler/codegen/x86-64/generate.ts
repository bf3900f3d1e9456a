import type { IrProgram } from '../../ir/index.ts';
import type { BackEnd } from '../common/index.ts';
import { type Emitters, generateProgram } from '../common/index.ts';
import { REG } from './assembler.ts';
import { emitCall, stackArgumentBytes } from './call.ts';
import { StackFrame } from './frame.ts';
import {
  emitAddAt,
  emitCurrent,
  emitDivert,
  emitHandlerPrologue,
  emitLoadAt,
  emitParameters,
  emitReturned,
  emitStoreAt,
} from './handler.ts';
import { emitExchange, emitFuel, emitMove, emitResultBlock, emitRow, emitZero } from './memory.ts';
import { emitOperator } from './operators.ts';

/** x86-64. %rbx holds the address of `.bss` throughout. */
export const x86_64: BackEnd = {
  arch: 'x86_64',
  objdumpMachine: 'i386:x86-64',
  charIsSigned: true,
  // psABI x86-64, 3.1.2
  unnamedBitFieldsAlign: false,
  generate(input) {
    return generateProgram(new StackFrame(input), EMITTERS);
  },
};

const EMITTERS: Emitters<StackFrame> = {
  prologue: emitPrologue,
  epilogue: emitEpilogue,
  operator: ({ asm }, operator) => emitOperator(asm, operator),
  extend({ asm }, { signed, bits }) {
    if (signed) asm.signExtendRax(bits);
    else asm.zeroExtendRax(bits);
  },
  load: ({ asm, layout }, { offset, bytes }) =>
    asm.loadBytes(REG.rax, REG.rbx, layout.locals + offset, bytes),
  store: ({ asm, layout }, { offset, bytes }) => asm.storeRax(REG.rbx, layout.locals + offset, bytes),
  move: emitMove,
  zero: emitZero,
  exchange: emitExchange,
  call: emitCall,
  resultBlock: emitResultBlock,
  row: emitRow,
  fuel: emitFuel,
  handlerPrologue: emitHandlerPrologue,
  loadAt: emitLoadAt,
  storeAt: emitStoreAt,
  addAt: emitAddAt,
  current: emitCurrent,
  parameters: emitParameters,
  returned: emitReturned,
  divert: emitDivert,
};

/**
 * %rsp is 8 off a multiple of 16 at entry; two pushes and the frame make it even, as every callee expects.
 */
function emitPrologue({ asm }: StackFrame, program: IrProgram): void {
  asm.endbr64();
  asm.push(REG.rbp);
  asm.movRegReg(REG.rbp, REG.rsp);
  asm.push(REG.rbx);
  asm.arithmeticImm('sub', REG.rsp, 8 + stackArgumentBytes(program));
  asm.leaSection(REG.rbx, '.bss');
}

function emitEpilogue({ asm }: StackFrame): void {
  asm.load(REG.rbx, REG.rbp, -8);
  asm.leave();
  asm.ret();
}
