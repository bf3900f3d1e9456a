export {
  carriedBytes,
  roundUp,
  STRING_BYTES,
  STRING_LENGTH_OFFSET,
  STRING_TEXT_OFFSET,
} from './carried-layout.ts';
export {
  type Block,
  type BlockIndex,
  type BlockValue,
  type CallTarget,
  END,
  type End,
  FUEL,
  type Instruction,
  type IrOperator,
  type IrProgram,
  type LocalOffset,
  type ScalarBytes,
  type Temp,
  type Terminator,
} from './ir.ts';
export { type LoweredForPlan, lowerForPlan, lowerProgram } from './lower.ts';
export type { LoweredFor, Region, Site } from './lowering.ts';
export { printIr } from './print.ts';
export { type LocalPiece, type Touched, touchedBy } from './touched.ts';
export { verifyIr } from './verify.ts';
