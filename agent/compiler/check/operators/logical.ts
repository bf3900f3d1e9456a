import { BASIC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import type { TypedExpression } from '../tree/index.ts';
import { requireScalar } from './require-type.ts';

/** `&&` or `||` with its checked operands. */
export interface LogicalInput {
  readonly operator: '&&' | '||';
  readonly left: TypedExpression;
  readonly right: TypedExpression;
  readonly at: Offset;
}

/** C11 6.5.13 and 6.5.14; known where both operands are. */
export function checkLogical(
  context: CheckContext,
  { operator, at, ...sides }: LogicalInput,
): TypedExpression {
  const what = `an operand of ${operator}`;
  const left = requireScalar(context, sides.left, what);
  const right = requireScalar(context, sides.right, what);
  if (left.kind !== 'constant' || right.kind !== 'constant')
    return { kind: 'logical', type: BASIC.int, operator, left, right, at };
  const [a, b] = [left.value !== 0n, right.value !== 0n];
  return truth(operator === '&&' ? a && b : a || b, at);
}

/** `!a` (C11 6.5.3.3, 5). */
export function checkNot(context: CheckContext, value: TypedExpression, at: Offset): TypedExpression {
  const operand = requireScalar(context, value, 'the operand of !');
  return operand.kind === 'constant'
    ? truth(operand.value === 0n, at)
    : { kind: 'not', type: BASIC.int, operand, at };
}

function truth(holds: boolean, at: Offset): TypedExpression {
  return { kind: 'constant', type: BASIC.int, value: holds ? 1n : 0n, at };
}
