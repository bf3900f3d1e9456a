export { type CheckedProgram, checkProgram } from './check-program.ts';
export { isPlace, type Warning } from './checker.ts';
export { isSignedOperation } from './fold.ts';
export { KernelNames } from './kernel-names.ts';
export { holdsLabel } from './reach-end.ts';
export { type ScalarLayout, scalarLayout } from './scalar.ts';
export type { SupportFunction, TaskSupport, TaskTree, TaskWalk } from './task-support.ts';
export type {
  ArithmeticOperator,
  BitField,
  Callee,
  Carried,
  Initialisation,
  LabelTarget,
  OldValue,
  Place,
  SwitchCase,
  TypedExpression,
  TypedStatement,
  Variable,
} from './typed-tree.ts';
