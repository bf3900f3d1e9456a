export { canFallThrough, holdsLabel } from './fall-through.ts';
export { isLvalue, longConstant, lvalueOfVariable, type Operand } from './operand.ts';
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
  MarshalledValue,
  OldValue,
  OwnFunction,
  SwitchCase,
  TypedExpression,
  TypedStatement,
  Variable,
} from './typed-tree.ts';
