export { builtinNames } from './builtins.ts';
export {
  type CheckedProgram,
  checkProgram,
  type Diagnosis,
  diagnoseProgram,
  effectOf,
} from './check-program.ts';
export { StatementChecker } from './check-statement.ts';
export { Checker, isPlace, type Warning } from './checker.ts';
export { isSignedOperation } from './fold.ts';
export { KernelNames } from './kernel-names.ts';
export { holdsLabel } from './reach-end.ts';
export { Recovery } from './recovery.ts';
export { type ScalarLayout, scalarLayout } from './scalar.ts';
export type { Binding, Scope } from './scope.ts';
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
