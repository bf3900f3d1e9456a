import { type CType, isConst, isInteger, typeToC } from '../ctype/index.ts';
import type { Expression } from '../program/index.ts';
import { checkArithmetic } from './arithmetic.ts';
import { assigned } from './assign.ts';
import type { Checker, Operand } from './checker.ts';
import { convertTo } from './convert.ts';
import { dereference } from './lvalue.ts';
import { scalarLayout } from './scalar.ts';
import type { ArithmeticOperator, Lvalue, OldValue, TypedExpression } from './typed-tree.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/**
 * Builtins that change memory in one step, whoever else does at the same time: `cmpxchg(pointer, old, new)` and
 * `xchg(pointer, new)` as the kernel has them (Documentation/atomic_t.txt, v6.12), and gcc's `__atomic_fetch_add` and its
 * kin, whose memory order may be left out and is always the strongest. Each gives what was there before.
 */
export const ATOMIC_BUILTINS: ReadonlyMap<string, (checker: Checker, call: Call) => Operand> = new Map([
  ['cmpxchg', checkCompareExchange],
  ['xchg', checkExchange],
  ...(
    [
      ['__atomic_fetch_add', '+'],
      ['__atomic_fetch_sub', '-'],
      ['__atomic_fetch_and', '&'],
      ['__atomic_fetch_or', '|'],
      ['__atomic_fetch_xor', '^'],
    ] as const
  ).map(
    ([name, operator]) =>
      [name, (checker: Checker, call: Call) => checkFetch(checker, call, operator)] as const,
  ),
]);

/** gcc's memory orders, which are macros there too. */
export const MEMORY_ORDERS: ReadonlyMap<string, bigint> = new Map([
  ['__ATOMIC_RELAXED', 0n],
  ['__ATOMIC_CONSUME', 1n],
  ['__ATOMIC_ACQUIRE', 2n],
  ['__ATOMIC_RELEASE', 3n],
  ['__ATOMIC_ACQ_REL', 4n],
  ['__ATOMIC_SEQ_CST', 5n],
]);

function checkCompareExchange(checker: Checker, call: Call): TypedExpression {
  const [pointer, old, desired] = takeArguments(checker, call, 3, 3);
  const lvalue = target(checker, pointer!, call);
  const expected = valueFor(checker, call, lvalue, old!);
  return exchange(lvalue, call, valueFor(checker, call, lvalue, desired!), expected);
}

function checkExchange(checker: Checker, call: Call): TypedExpression {
  const [pointer, desired] = takeArguments(checker, call, 2, 2);
  const lvalue = target(checker, pointer!, call);
  return exchange(lvalue, call, valueFor(checker, call, lvalue, desired!), undefined);
}

function exchange(
  lvalue: Lvalue,
  { at }: Call,
  operand: TypedExpression,
  expected: TypedExpression | undefined,
): TypedExpression {
  const [old, given]: OldValue[] = [{ type: lvalue.type }, { type: operand.type }];
  const desired: TypedExpression = { kind: 'old', type: operand.type, of: given!, at };
  return {
    kind: 'atomic',
    type: lvalue.type,
    lvalue,
    expected,
    operand,
    given: given!,
    old: old!,
    desired,
    at,
  };
}

function checkFetch(checker: Checker, call: Call, operator: ArithmeticOperator): TypedExpression {
  const { at } = call;
  const [pointer, right, order] = takeArguments(checker, call, 2, 3);
  const lvalue = target(checker, pointer!, call);
  const { type } = lvalue;
  if (order) checker.constant(order, 'the memory order');
  if (!isInteger(type))
    throw checker.error('PROGRAM_TYPE', at, `${typeToC(type)} is no integer to compute with`);
  const operand = checker.integer(checker.check(right!), 'what is computed with');
  const old: OldValue = { type };
  const given: OldValue = { type: operand.type };
  const sides = {
    left: { kind: 'old', type, of: old, at },
    right: { kind: 'old', type: operand.type, of: given, at },
  } as const;
  const desired = convertTo(type, checkArithmetic(checker, { operator, ...sides, at }));
  return { kind: 'atomic', type, lvalue, expected: undefined, operand, given, old, desired, at };
}

/** What the pointer points to: a scalar that may be written. */
function target(checker: Checker, expression: Expression, { at }: Call): Lvalue {
  const pointer = checker.check(expression);
  const lvalue = dereference(checker, pointer, expression.at);
  const type = lvalue.type;
  if (!scalarLayout(type) || scalarLayout(type)?.isBool)
    throw checker.error('PROGRAM_TYPE', at, `${typeToC(type)} cannot be exchanged in one step`);
  if (isConst(type)) throw checker.error('PROGRAM_TYPE', at, `${typeToC(type)} is const`);
  if (lvalue.kind === 'memory') checker.writes = true;
  return { ...lvalue, type: unqualified(type) };
}

function unqualified(type: CType): CType {
  return type.kind === 'qualified' ? unqualified(type.of) : type;
}

function valueFor(
  checker: Checker,
  { callee }: Call,
  { type }: Lvalue,
  expression: Expression,
): TypedExpression {
  const name = callee.kind === 'identifier' ? callee.name : '';
  return assigned(checker, type, checker.check(expression), expression.at, `an argument of '${name}': `);
}

function takeArguments(
  checker: Checker,
  { callee, args, at }: Call,
  least: number,
  most: number,
): readonly Expression[] {
  if (args.length >= least && args.length <= most) return args;
  const name = callee.kind === 'identifier' ? callee.name : '';
  const wanted = least === most ? String(least) : `${least} or ${most}`;
  throw checker.error('PROGRAM_TYPE', at, `'${name}' takes ${wanted} arguments, not ${args.length}`);
}
