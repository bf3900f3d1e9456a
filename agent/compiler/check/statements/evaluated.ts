import { BASIC, bare } from '../../ctype/index.ts';
import type { Expression } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { checkOperand, checkValue } from '../expressions/index.ts';
import { readValue, requireScalar, warnOfUnusedValue } from '../operators/index.ts';
import { isLvalue, type TypedExpression } from '../tree/index.ts';

/** An expression that is evaluated for its side effects: an lvalue alone has none. Throws PROGRAM_*. */
export function checkEffect(context: CheckContext, expression: Expression): TypedExpression {
  const operand = checkOperand(context, expression);
  if (isLvalue(operand) && bare(operand.type).kind === 'void')
    return { kind: 'constant', type: BASIC.void, value: 0n, at: expression.at };
  const value = readValue(context, operand);
  warnOfUnusedValue(context, value);
  return value;
}

/** What decides in an `if` or a loop: a scalar (C11 6.8.4.1, 6.8.5). Throws PROGRAM_*. */
export function checkCondition(context: CheckContext, expression: Expression): TypedExpression {
  const value = requireScalar(context, checkValue(context, expression), 'a condition');
  if (value.kind === 'assign' && value.value.kind === 'constant')
    context.diagnostics.warn(value.at, '= assigns, and this is always the same; == compares');
  return value;
}
