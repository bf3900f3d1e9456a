export { canFallThrough, holdsLabel } from './fall-through.ts';
export type { MarshalledValue, ProgramResults } from './marshalled-value.ts';
export { isLvalue, longConstant, lvalueOfVariable, type Operand } from './operand.ts';
export type { ArrivalSupport, DeniedTask, DenySupport, TypedDeny } from './typed-deny.ts';
export type { TypedParameter } from './typed-parameter.ts';
export type {
  ArithmeticOperator,
  BitField,
  CalledFunction,
  Guard,
  GuardedLock,
  Initialisation,
  InitialValue,
  LabelTarget,
  Lvalue,
  OldValue,
  OwnCall,
  OwnFunction,
  SwitchCase,
  TypedExpression,
  TypedStatement,
  Variable,
} from './typed-tree.ts';
export type {
  HolderSupport,
  KernelEntry,
  ProbeLayout,
  ReturnLayout,
  StackSupport,
  TypedWatch,
  WatchSupport,
} from './typed-watch.ts';
