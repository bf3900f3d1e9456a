import { bare, type CType, constOf, isInteger, sizeOf, typeToC } from '../../ctype/index.ts';
import type { CheckContext } from '../context/index.ts';
import { scalarLayout } from '../conversions/index.ts';
import {
  isLvalue,
  type Lvalue,
  lvalueOfVariable,
  type Operand,
  type TypedExpression,
} from '../tree/index.ts';
import { elementOf, referenceTo } from './lvalue.ts';

/**
 * The value of an operand: an lvalue is read; an array decays to a pointer to its first element, a function
 * to a pointer to itself (C11 6.3.2.1).
 */
export function readValue(context: CheckContext, operand: Operand): TypedExpression {
  if (!isLvalue(operand)) return operand;
  const { type, at } = operand;
  const plain = bare(type);
  const element = elementOf(type);
  if (element) return referenceTo(operand, element, at);
  if (plain.kind === 'function') return referenceTo(operand, type, at);
  if (plain.kind === 'float')
    throw context.diagnostics.error(
      'PROGRAM_UNSUPPORTED',
      at,
      'call programs cannot compute with floating-point numbers',
    );
  if (sizeOf(type) === undefined || (isInteger(type) && !scalarLayout(type)))
    throw context.diagnostics.typeError(at, `a value of type ${typeToC(type)} cannot be read`);
  return { kind: 'read', type: unqualified(type), lvalue: operand, at };
}

/** The type that a value has when it is read from an lvalue of `type` (C11 6.3.2.1, 2). */
export function unqualified(type: CType): CType {
  return type.kind === 'qualified' ? unqualified(type.of) : type;
}

/** Stores a value in a variable of its own, so that its members are lvalues. */
export function keepInVariable(context: CheckContext, value: TypedExpression): Lvalue {
  const { type, at } = value;
  const variable = context.newVariable('a value', type, at);
  const lvalue = lvalueOfVariable(variable, at);
  return { ...lvalue, type: constOf(type), start: { variable, zero: false, items: [{ lvalue, value }] } };
}
