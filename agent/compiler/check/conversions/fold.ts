import type { ArithmeticOperator, TypedExpression } from '../tree/index.ts';
import { scalarLayout } from './scalar.ts';

type Constant = Extract<TypedExpression, { kind: 'constant' }>;

/**
 * The value of an operator on two constants of one type, before it is wrapped to the type of the result;
 * undefined for a division by zero. The operands are already wrapped to their type, so comparisons see the
 * right sign.
 */
export function foldArithmetic(
  operator: ArithmeticOperator,
  { value: a }: Constant,
  right: Constant,
): bigint | undefined {
  const b = right.value;
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? undefined : a / b;
    case '%':
      return b === 0n ? undefined : a % b;
    case '<<':
      return a << b;
    case '>>':
      return a >> b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<':
      return truth(a < b);
    case '>':
      return truth(a > b);
    case '<=':
      return truth(a <= b);
    case '>=':
      return truth(a >= b);
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
  }
}

function truth(condition: boolean): bigint {
  return condition ? 1n : 0n;
}

/** Whether an operator on values of this type works on signed numbers. */
export function isSignedOperation({ type }: TypedExpression): boolean {
  return scalarLayout(type)?.signed ?? false;
}
