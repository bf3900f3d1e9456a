import { BASIC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Lvalue, TypedExpression, Variable } from './typed-tree.ts';

/** A checked expression before its value is needed: an lvalue, or a value that is none. */
export type Operand = Lvalue | TypedExpression;

/** Whether an operand designates an object (C11 6.3.2.1). */
export function isLvalue(operand: Operand): operand is Lvalue {
  return operand.kind === 'local' || operand.kind === 'memory';
}

/** The whole of a variable, as an lvalue. */
export function lvalueOfVariable(variable: Variable, at: Offset): Extract<Lvalue, { kind: 'local' }> {
  const { type } = variable;
  return { kind: 'local', type, variable, offset: 0, bits: undefined, start: undefined, at };
}

/** A constant of type long. */
export function longConstant(value: bigint, at: Offset): TypedExpression {
  return { kind: 'constant', type: BASIC.long, value, at };
}
