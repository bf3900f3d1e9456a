export {
  type CheckedProgram,
  checkProgram,
  type Diagnosis,
  diagnoseProgram,
  effectOf,
} from './check-program.ts';
export {
  type Binding,
  CheckContext,
  ErrorRecovery,
  type KernelAnswer,
  type ParameterValues,
  Questions,
  readParameterValues,
  type Scope,
  type Warning,
} from './context/index.ts';
export { compatible, isSignedOperation, type ScalarLayout, scalarLayout } from './conversions/index.ts';
export { checkOperand, typeOfName } from './expressions/index.ts';
export {
  KernelNames,
  type KernelNamesInput,
  type LockCall,
  lockCall,
  type SupportFunction,
  type TaskSupport,
  type TaskTree,
  type TaskWalk,
  WRITING_KINDS,
  type WritingKind,
  whySleeps,
  writesByKind,
} from './names/index.ts';
export { BUILTIN_NAMES } from './operators/index.ts';
export { CheckedLibrary, denyText, StatementChecker, WATCH_COUNTS, watchText } from './statements/index.ts';
export {
  type ArithmeticOperator,
  type ArrivalSupport,
  type BitField,
  type CalledFunction,
  type DeniedTask,
  type DenySupport,
  type Guard,
  type GuardedLock,
  holdsLabel,
  type Initialisation,
  isLvalue,
  type LabelTarget,
  type Lvalue,
  type MarshalledValue,
  type OldValue,
  type OwnFunction,
  type ProbeLayout,
  type ProgramResults,
  type ReturnLayout,
  type SwitchCase,
  type TypedDeny,
  type TypedExpression,
  type TypedStatement,
  type TypedWatch,
  type Variable,
} from './tree/index.ts';
