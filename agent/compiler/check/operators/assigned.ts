import { type CType, isInteger, sizeOf, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import { convertAsByAssignment, scalarLayout, wrapInteger } from '../conversions/index.ts';
import type { TypedExpression } from '../tree/index.ts';

/**
 * `value` converted to `type` as by assignment (C11 6.5.16.1). Throws PROGRAM_TYPE at `at` if C does not
 * allow that; `prefix` starts the message.
 */
export function assigned(
  context: CheckContext,
  type: CType,
  value: TypedExpression,
  at: Offset,
  prefix = '',
): TypedExpression {
  const converted = convertAsByAssignment(type, value);
  if (typeof converted === 'string') throw context.diagnostics.typeError(at, `${prefix}${converted}`);
  warnOfLostBits(context, type, value);
  return converted;
}

/** Warns if C would silently drop the upper bits of a value (gcc -Wconversion; -Woverflow for constants). */
export function warnOfLostBits(context: CheckContext, to: CType, value: TypedExpression): void {
  if (!isInteger(to) || !isInteger(value.type)) return;
  if (value.kind === 'constant') return warnOfConstant(context, to, value);
  const [target, source] = [sizeOf(to) ?? 8, sizeOf(value.type) ?? 8];
  if (target >= source || source <= 4 || scalarLayout(to)?.isBool) return;
  context.diagnostics.warn(value.at, `${typeToC(value.type)} is truncated to ${typeToC(to)}`);
}

/** Warns of a positive number that becomes a negative one, unless it is written by its bits (0xff). */
function warnOfConstant(
  { diagnostics }: CheckContext,
  to: CType,
  { value, type, at }: Extract<TypedExpression, { kind: 'constant' }>,
): void {
  const layout = scalarLayout(to);
  if (!layout?.signed || layout.sizeBytes >= (sizeOf(type) ?? 8) || diagnostics.showsBits(at)) return;
  const kept = wrapInteger(value, layout);
  if (kept !== value) diagnostics.warn(at, `${value} becomes ${kept} in ${typeToC(to)}`);
}
