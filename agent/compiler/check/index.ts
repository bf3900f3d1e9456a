export { type CheckedProgram, checkProgram } from './check-program.ts';
export { isSignedOperation } from './fold.ts';
export { KernelNames } from './kernel-names.ts';
export { type ScalarLayout, scalarLayout } from './scalar.ts';
export type { ArithmeticOperator, Callee, TypedExpression } from './typed-tree.ts';
