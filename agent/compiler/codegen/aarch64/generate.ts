import type { IrProgram } from '../../ir/index.ts';
import type { BackEnd } from '../common/index.ts';
import { type Emitters, generateProgram } from '../common/index.ts';
import { REG } from './assembler.ts';
import { emitCall, stackArgumentBytes } from './call.ts';
import { SAVED_X19, StackFrame } from './frame.ts';
import {
  emitAddAt,
  emitDivert,
  emitHandlerPrologue,
  emitLoadAt,
  emitParameters,
  emitReturned,
  emitStoreAt,
} from './handler.ts';
import { emitExchange, emitFuel, emitMove, emitResultBlock, emitRow, emitZero } from './memory.ts';
import { emitOperator } from './operators.ts';

/** AArch64, little-endian. x19 holds the address of `.bss` throughout. */
export const aarch64: BackEnd = {
  arch: 'aarch64',
  objdumpMachine: 'aarch64',
  charIsSigned: false,
  // AAPCS64, Bit-fields: "without exception for zero-sized or anonymous bit-fields"
  unnamedBitFieldsAlign: true,
  generate(input) {
    return generateProgram(new StackFrame(input), EMITTERS);
  },
};

const EMITTERS: Emitters<StackFrame> = {
  prologue: emitPrologue,
  epilogue: emitEpilogue,
  operator: ({ asm }, operator) => emitOperator(asm, operator),
  extend({ asm }, { signed, bits }) {
    if (signed) asm.signExtend(REG.x0, REG.x0, bits);
    else asm.zeroExtend(REG.x0, REG.x0, bits);
  },
  load: (frame, { offset, bytes }) => frame.load(REG.x0, frame.layout.locals + offset, bytes),
  store: (frame, { offset, bytes }) => frame.store(frame.layout.locals + offset, REG.x0, bytes),
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
  current: ({ asm }) => asm.mrsSpEl0(REG.x0),
  parameters: emitParameters,
  returned: emitReturned,
  divert: emitDivert,
};

/**
 * A frame record (AAPCS64, 6.4.6), so that the kernel's traces go through init, and room for arguments below
 * it.
 */
function emitPrologue({ asm }: StackFrame, program: IrProgram): void {
  asm.btiC();
  asm.pushFrame();
  asm.arithmeticImm('add', REG.x29, REG.sp, 0);
  asm.store(REG.sp, SAVED_X19, REG.x19);
  const room = stackArgumentBytes(program);
  if (room > 0) {
    asm.movImm(REG.x16, BigInt(room));
    asm.subSp(REG.x16);
  }
  asm.leaSection(REG.x19, '.bss');
}

function emitEpilogue({ asm }: StackFrame): void {
  asm.arithmeticImm('add', REG.sp, REG.x29, 0);
  asm.load(REG.x19, REG.sp, SAVED_X19);
  asm.popFrame();
  asm.ret();
}
