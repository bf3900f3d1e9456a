import { BASIC } from '../ctype/index.ts';
import type { Offset } from '../program/index.ts';
import type { Checker } from './checker.ts';
import type { TypedExpression } from './typed-tree.ts';

/** `&&` or `||` with its checked operands. */
export interface LogicalInput {
  readonly operator: '&&' | '||';
  readonly left: TypedExpression;
  readonly right: TypedExpression;
  readonly at: Offset;
}

/** C11 6.5.13 and 6.5.14; known where both operands are. */
export function checkLogical(checker: Checker, { operator, at, ...sides }: LogicalInput): TypedExpression {
  const what = `an operand of ${operator}`;
  const left = checker.scalar(sides.left, what);
  const right = checker.scalar(sides.right, what);
  if (left.kind !== 'constant' || right.kind !== 'constant')
    return { kind: 'logical', type: BASIC.int, operator, left, right, at };
  const [a, b] = [left.value !== 0n, right.value !== 0n];
  return truth(operator === '&&' ? a && b : a || b, at);
}

/** `!a` (C11 6.5.3.3, 5). */
export function checkNot(checker: Checker, value: TypedExpression, at: Offset): TypedExpression {
  const operand = checker.scalar(value, 'the operand of !');
  return operand.kind === 'constant'
    ? truth(operand.value === 0n, at)
    : { kind: 'not', type: BASIC.int, operand, at };
}

function truth(holds: boolean, at: Offset): TypedExpression {
  return { kind: 'constant', type: BASIC.int, value: holds ? 1n : 0n, at };
}
