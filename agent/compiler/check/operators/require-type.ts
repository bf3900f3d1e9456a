import { bare, isInteger, sizeOf, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import type { TypedExpression } from '../tree/index.ts';

/** `value`, if it is an integer of up to 64 bits. Throws PROGRAM_TYPE otherwise; `what` names the value. */
export function requireInteger(context: CheckContext, value: TypedExpression, what: string): TypedExpression {
  if (isSmallInteger(value)) return value;
  const message = `${what} must be an integer, not ${typeToC(value.type)}`;
  throw context.diagnostics.typeError(value.at, message);
}

/**
 * `value`, if it is such an integer or a pointer. Throws PROGRAM_TYPE at `at` otherwise; `what` names the
 * value.
 */
export function requireScalar(
  context: CheckContext,
  value: TypedExpression,
  what: string,
  at = value.at,
): TypedExpression {
  if (bare(value.type).kind === 'pointer' || isSmallInteger(value)) return value;
  const message = `${what} must be an integer or a pointer, not ${typeToC(value.type)}`;
  throw context.diagnostics.typeError(at, message);
}

function isSmallInteger({ type }: TypedExpression): boolean {
  return isInteger(type) && (sizeOf(type) ?? 0) <= 8;
}

/** The value of an integer constant expression (C11 6.6). Throws PROGRAM_TYPE at `at` if it is none. */
export function requireConstant(
  context: CheckContext,
  value: TypedExpression,
  what: string,
  at: Offset,
): bigint {
  if (value.kind === 'constant' && isInteger(value.type)) return value.value;
  throw context.diagnostics.typeError(at, `${what} must be an integer constant`);
}
