import { alignmentOf, BASIC, bare, type CType, sizeOf, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { UnaryOperator } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { convertTo, promotedValue, whyNoFunctionPointer } from '../conversions/index.ts';
import { isLvalue, type Operand, type TypedExpression } from '../tree/index.ts';
import { checkNot } from './logical.ts';
import { dereference, referenceTo } from './lvalue.ts';
import { requireInteger, requireScalar } from './require-type.ts';

/** A unary operator with its checked operand. */
export interface UnaryInput {
  readonly operator: Exclude<UnaryOperator, '&'>;
  readonly value: TypedExpression;
  readonly at: Offset;
}

/** `+a`, `-a`, `~a`, `!a` and `*a` (C11 6.5.3.2 and 6.5.3.3). */
export function checkUnary(context: CheckContext, { operator, value, at }: UnaryInput): Operand {
  if (operator === '*') return dereference(context, value, at);
  if (operator === '!') return checkNot(context, value, at);
  const converted = promotedValue(requireInteger(context, value, `the operand of ${operator}`));
  if (operator === '+') return converted;
  const kind = operator === '-' ? 'negate' : 'complement';
  if (converted.kind !== 'constant') return { kind, type: converted.type, operand: converted, at };
  const folded = operator === '-' ? -converted.value : ~converted.value;
  return convertTo(converted.type, { ...converted, value: folded, at });
}

/** `&a` (C11 6.5.3.2, 3). */
export function checkAddressOf(context: CheckContext, operand: Operand, at: Offset): TypedExpression {
  if (!isLvalue(operand)) {
    if (operand.kind === 'address') return operand;
    const message = '& takes a variable, a member, an element or the name of a symbol';
    throw context.diagnostics.typeError(at, message);
  }
  if (operand.bits) throw context.diagnostics.typeError(at, 'a bit field has no address');
  return referenceTo(operand, operand.type, at);
}

/** `(type)value` (C11 6.5.4). */
export function checkCast(
  context: CheckContext,
  type: CType,
  value: TypedExpression,
  at: Offset,
): TypedExpression {
  if (bare(type).kind === 'void') return { kind: 'convert', type: BASIC.void, operand: value, at };
  requireScalar(context, { ...value, type }, 'the type of a cast', at);
  const scalar = requireScalar(context, value, 'the operand of a cast');
  const why = whyNoFunctionPointer(type, scalar);
  if (why) throw context.diagnostics.typeError(at, why);
  return convertTo(type, scalar);
}

/** `sizeof(type)` (C11 6.5.3.4, 2). */
export function checkSizeof({ diagnostics }: CheckContext, type: CType, at: Offset): TypedExpression {
  const size = sizeOf(type);
  if (size === undefined) throw diagnostics.typeError(at, `${typeToC(type)} has no size`);
  return { kind: 'constant', type: BASIC.ulong, value: BigInt(size), at };
}

/** `_Alignof(type)` (C11 6.5.3.4, 3). */
export function checkAlignof({ diagnostics }: CheckContext, type: CType, at: Offset): TypedExpression {
  if (sizeOf(type) === undefined) throw diagnostics.typeError(at, `${typeToC(type)} has no alignment`);
  return { kind: 'constant', type: BASIC.ulong, value: BigInt(alignmentOf(type).bytes), at };
}
