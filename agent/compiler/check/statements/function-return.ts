import { bare, typeToC } from '../../ctype/index.ts';
import type { Statement } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { checkValue } from '../expressions/index.ts';
import { assigned } from '../operators/index.ts';
import type { OwnFunction, TypedStatement } from '../tree/index.ts';

/** `return` in a function of the program (C11 6.8.6.4). It leaves the loops around it as a goto does. */
export function checkFunctionReturn(
  context: CheckContext,
  from: OwnFunction,
  { value, at }: Extract<Statement, { kind: 'return' }>,
): TypedStatement {
  const { name, type } = from;
  const isVoid = bare(type.result).kind === 'void';
  if (!value) {
    if (!isVoid) context.diagnostics.warn(at, `'${name}' returns ${typeToC(type.result)}; give a value`);
    return { kind: 'function-return', from, value: undefined, at };
  }
  const given = checkValue(context, value);
  if (isVoid && bare(given.type).kind !== 'void')
    throw context.diagnostics.typeError(value.at, `'${name}' returns void, so it can give no value`);
  if (!isVoid) {
    const converted = assigned(context, type.result, given, value.at, `the result of '${name}': `);
    return { kind: 'function-return', from, value: converted, at };
  }
  const statements: TypedStatement[] = [{ kind: 'expression', expression: given }];
  return {
    kind: 'block',
    statements: [...statements, { kind: 'function-return', from, value: undefined, at }],
  };
}
