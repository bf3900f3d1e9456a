export {
  type Accesses,
  accessesOf,
  accessesOfTerminator,
  type Block,
  type BlockIndex,
  type BlockValue,
  type CallTarget,
  type CheckIndex,
  END,
  type End,
  forwardOrder,
  type HandlerInstruction,
  type HandlerProgram,
  type Instruction,
  type IrOperator,
  type IrProgram,
  type LocalOffset,
  type LocalPiece,
  type PointerCheck,
  printIr,
  type ResidentPart,
  type ScalarBytes,
  type Temp,
  type Terminator,
  verifyIr,
} from './blocks/index.ts';
export {
  DENIED_CALLER,
  DENIED_CALLER_BYTES,
  DENIED_CALLERS,
  DENY_STATE,
  DENY_STATE_BYTES,
} from './deny-state.ts';
export { type LoweredForPlan, type LoweringOptions, lowerForPlan, lowerProgram } from './lower.ts';
export type { LoweringTarget, Region, SourceConstruct } from './lowering.ts';
export {
  marshalledBytes,
  resultsBytes,
  roundUp,
  STRING_BYTES,
  STRING_LENGTH_OFFSET,
  STRING_TEXT_OFFSET,
} from './marshalled-layout.ts';
export { NONE_PERMITTED, type PermittedFunction, type PermittedFunctions } from './resolve-checks.ts';
