import type { IrOperator } from '../ir/index.ts';
import { WASM } from './wasm-code.ts';

/** Operators whose result is 0 or 1, in 32 bits. */
export const COMPARISONS: ReadonlySet<IrOperator> = new Set(['eq', 'ne', 'slt', 'sle', 'ult', 'ule']);

/** The instruction for each operator of the IR, which has seen to it that nothing is divided by zero. */
export const OPERATORS: Readonly<Record<IrOperator, number>> = {
  add: WASM.I64_ADD,
  sub: WASM.I64_SUB,
  mul: WASM.I64_MUL,
  sdiv: WASM.I64_DIV_S,
  udiv: WASM.I64_DIV_U,
  srem: WASM.I64_REM_S,
  urem: WASM.I64_REM_U,
  and: WASM.I64_AND,
  or: WASM.I64_OR,
  xor: WASM.I64_XOR,
  shl: WASM.I64_SHL,
  sar: WASM.I64_SHR_S,
  shr: WASM.I64_SHR_U,
  eq: WASM.I64_EQ,
  ne: WASM.I64_NE,
  slt: WASM.I64_LT_S,
  sle: WASM.I64_LE_S,
  ult: WASM.I64_LT_U,
  ule: WASM.I64_LE_U,
};

/** The instruction that extends so many low bits by their sign. */
export const SIGN_EXTENSIONS: Readonly<Record<8 | 16 | 32, number>> = {
  8: WASM.I64_EXTEND8_S,
  16: WASM.I64_EXTEND16_S,
  32: WASM.I64_EXTEND32_S,
};
