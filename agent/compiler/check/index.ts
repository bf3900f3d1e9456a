export { builtinNames } from './builtins.ts';
export {
  type CheckedProgram,
  checkProgram,
  type Diagnosis,
  diagnoseProgram,
  effectOf,
} from './check-program.ts';
export { StatementChecker } from './check-statement.ts';
export { Checker, isLvalue, type Warning } from './checker.ts';
export { ErrorRecovery } from './error-recovery.ts';
export { holdsLabel } from './fall-through.ts';
export { isSignedOperation } from './fold.ts';
export { KernelNames } from './kernel-names.ts';
export { type ScalarLayout, scalarLayout } from './scalar.ts';
export type { Binding, Scope } from './scope.ts';
export type { SupportFunction, TaskSupport, TaskTree, TaskWalk } from './task-support.ts';
export type {
  ArithmeticOperator,
  BitField,
  CalledFunction,
  Initialisation,
  LabelTarget,
  Lvalue,
  MarshalledValue,
  OldValue,
  SwitchCase,
  TypedExpression,
  TypedStatement,
  Variable,
} from './typed-tree.ts';
