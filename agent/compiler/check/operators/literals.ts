import { BASIC, type CType } from '../../ctype/index.ts';
import type { Expression } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import type { TypedExpression } from '../tree/index.ts';

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** An integer as it is written. Throws PROGRAM_TYPE where no type holds it. */
export function integerLiteral(context: CheckContext, literal: Of<'integer'>): TypedExpression {
  const { value, at } = literal;
  return { kind: 'constant', type: literalType(context, literal), value, at };
}

/** C11 6.4.4.1: the first of int, long, long long (and unsigned, where not decimal) that holds the value. */
function literalType(context: CheckContext, { value, decimal, suffix, at }: Of<'integer'>): CType {
  const { unsigned, longs } = suffix;
  const long = longs === 2 ? BASIC.llong : BASIC.long;
  const ulong = longs === 2 ? BASIC.ullong : BASIC.ulong;
  if (longs === 0 && !unsigned && value < 1n << 31n) return BASIC.int;
  if (longs === 0 && (unsigned || !decimal) && value < 1n << 32n) return BASIC.uint;
  if (!unsigned && value < 1n << 63n) return long;
  if (unsigned || !decimal) return ulong;
  throw context.diagnostics.typeError(at, `${value} is too large for a signed number; write ${value}u`);
}

/** An int with the value of the char (C11 6.4.4.4, 10). */
export function characterLiteral({ names }: CheckContext, { value, at }: Of<'character'>): TypedExpression {
  const byte = BigInt(value);
  return { kind: 'constant', type: BASIC.int, value: names.char.signed ? BigInt.asIntN(8, byte) : byte, at };
}
