import type { Expression } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** Whether each expression that was looked at asks the kernel. */
const asking = new WeakMap<Expression, boolean>();

/**
 * The value of a condition that the kernel's answers decide, such as `__has_symbol(x) && !__has_type(y)`;
 * undefined for all others. What such a condition does not choose is not held against this kernel: it is
 * there for others.
 */
export function decidedByKernel(context: CheckContext, condition: Expression): bigint | undefined {
  return asksKernel(condition) ? constantValue(context, condition) : undefined;
}

function asksKernel(expression: Expression): boolean {
  const { kind } = expression;
  if (kind !== 'unary' && kind !== 'binary' && kind !== 'conditional') return kind === 'presence';
  const known = asking.get(expression);
  if (known !== undefined) return known;
  const asks = partsOf(expression).some(asksKernel);
  asking.set(expression, asks);
  return asks;
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'conditional':
      return expression.then ? [expression.condition, expression.then, expression.otherwise] : [];
    default:
      return [];
  }
}

function constantValue(context: CheckContext, expression: Expression): bigint | undefined {
  switch (expression.kind) {
    case 'presence':
      return context.ask(expression);
    case 'integer':
      return expression.value;
    case 'unary':
      return unary(context, expression);
    case 'binary':
      return binary(context, expression);
    case 'conditional': {
      const condition = constantValue(context, expression.condition);
      if (condition === undefined || !expression.then) return undefined;
      return constantValue(context, condition === 0n ? expression.otherwise : expression.then);
    }
    default:
      return undefined;
  }
}

function unary(context: CheckContext, { operator, operand }: Of<'unary'>): bigint | undefined {
  const value = constantValue(context, operand);
  if (value === undefined) return undefined;
  if (operator === '!') return value === 0n ? 1n : 0n;
  return operator === '-' ? -value : operator === '+' ? value : undefined;
}

function binary(context: CheckContext, { operator, left, right }: Of<'binary'>): bigint | undefined {
  const one = constantValue(context, left);
  if (one === undefined) return undefined;
  if (operator === '&&' && one === 0n) return 0n;
  if (operator === '||' && one !== 0n) return 1n;
  const other = constantValue(context, right);
  const compute = OPERATORS[operator];
  return other === undefined || !compute ? undefined : BigInt(compute(one, other));
}

const OPERATORS: Readonly<Record<string, (one: bigint, other: bigint) => bigint | boolean>> = {
  '&&': (_one, other) => other !== 0n,
  '||': (_one, other) => other !== 0n,
  '==': (one, other) => one === other,
  '!=': (one, other) => one !== other,
  '<': (one, other) => one < other,
  '>': (one, other) => one > other,
  '<=': (one, other) => one <= other,
  '>=': (one, other) => one >= other,
  '+': (one, other) => one + other,
  '-': (one, other) => one - other,
  '*': (one, other) => one * other,
  '<<': (one, other) => one << (other & 63n),
};
