export { type Accesses, accessesOf, accessesOfTerminator, type LocalPiece } from './accesses.ts';
export { IrBuilder } from './builder.ts';
export {
  DENIED_CALLER,
  DENIED_CALLER_BYTES,
  DENIED_CALLERS,
  DENY_STATE,
  DENY_STATE_BYTES,
} from './deny-state.ts';
export {
  type Block,
  type BlockIndex,
  type BlockValue,
  type CallTarget,
  type CheckIndex,
  END,
  type End,
  type HandlerInstruction,
  type HandlerProgram,
  type Instruction,
  type IrOperator,
  type IrProgram,
  type LocalOffset,
  type PointerCheck,
  type ResidentPart,
  type ScalarBytes,
  type Temp,
  type Terminator,
  type WriteSite,
} from './ir.ts';
export { checkLocks, type LockEvent } from './lock-flow.ts';
export { LockKeys } from './lock-key.ts';
export { printIr } from './print.ts';
export { forwardOrder, targetsOf, verifyIr } from './verify.ts';
