export {
  type Block,
  type BlockIndex,
  type CallTarget,
  END,
  type End,
  type Instruction,
  type IrOperator,
  type IrProgram,
  type Temp,
  type Terminator,
} from './ir.ts';
export { lowerProgram } from './lower.ts';
export { printIr } from './print.ts';
