/** An operator of C that two numbers are folded by; `&&` and `||` are not, since they may leave one out. */
export type FoldedOperator =
  | ('+' | '-' | '*' | '/' | '%' | '<<' | '>>' | '&' | '|' | '^')
  | ('<' | '>' | '<=' | '>=' | '==' | '!=');

/**
 * The value of an operator on two numbers, before it is wrapped to a type; undefined for a division by zero.
 * The numbers are already wrapped to theirs, so that comparisons see the right sign. A comparison gives 1 or
 * 0 (C11 6.5.5 to 6.5.12).
 */
export function foldNumbers(operator: FoldedOperator, a: bigint, b: bigint): bigint | undefined {
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
