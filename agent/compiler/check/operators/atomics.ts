import { type CType, isConst, isInteger, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import { convertTo, scalarLayout } from '../conversions/index.ts';
import type { ArithmeticOperator, Lvalue, OldValue, TypedExpression } from '../tree/index.ts';
import { checkArithmetic } from './arithmetic.ts';
import { assigned } from './assigned.ts';
import type { BuiltinName } from './builtin-names.ts';
import { dereference } from './lvalue.ts';
import { refuseKeptValue } from './own-memory.ts';
import { unqualified } from './read-value.ts';
import { requireConstant, requireInteger } from './require-type.ts';

/** A checked argument, with the offset at which its expression stands. */
export interface CheckedArgument {
  readonly value: TypedExpression;
  readonly at: Offset;
}

/** A call of an atomic builtin. Its arguments are as many as the builtin takes. */
export interface AtomicCall {
  readonly name: AtomicName;
  readonly args: readonly CheckedArgument[];
  readonly at: Offset;
}

type AtomicName = Extract<BuiltinName, 'cmpxchg' | 'xchg' | `__atomic_${string}`>;

/** One atomic builtin: how many arguments it takes, and how a call of it is typed. */
export interface AtomicBuiltin {
  readonly least: number;
  readonly most: number;
  readonly check: (context: CheckContext, call: AtomicCall) => TypedExpression;
}

/**
 * Builtins that change memory atomically: `cmpxchg(pointer, old, new)` and `xchg(pointer, new)` as the kernel
 * has them (Documentation/atomic_t.txt, v6.12), and gcc's `__atomic_fetch_add` and its kin, whose memory
 * order may be left out and is always the strongest. Each returns the old value.
 */
export const ATOMIC_BUILTINS: Readonly<Record<AtomicName, AtomicBuiltin>> = {
  cmpxchg: { least: 3, most: 3, check: checkCompareExchange },
  xchg: { least: 2, most: 2, check: checkExchange },
  __atomic_fetch_add: fetchBuiltin('+'),
  __atomic_fetch_sub: fetchBuiltin('-'),
  __atomic_fetch_and: fetchBuiltin('&'),
  __atomic_fetch_or: fetchBuiltin('|'),
  __atomic_fetch_xor: fetchBuiltin('^'),
};

function checkCompareExchange(context: CheckContext, call: AtomicCall): TypedExpression {
  const [pointer, old, desired] = call.args;
  const lvalue = atomicTarget(context, pointer!, call);
  const expected = convertedArgument(context, call, lvalue, old!);
  return exchange(lvalue, call, storedArgument(context, call, lvalue, desired!), expected);
}

function checkExchange(context: CheckContext, call: AtomicCall): TypedExpression {
  const [pointer, desired] = call.args;
  const lvalue = atomicTarget(context, pointer!, call);
  return exchange(lvalue, call, storedArgument(context, call, lvalue, desired!), undefined);
}

function exchange(
  lvalue: Lvalue,
  { at }: AtomicCall,
  operand: TypedExpression,
  expected: TypedExpression | undefined,
): TypedExpression {
  const { type } = lvalue;
  const old: OldValue = { type };
  const given: OldValue = { type: operand.type };
  const desired: TypedExpression = { kind: 'old', type: operand.type, of: given, at };
  return { kind: 'atomic', type, lvalue, expected, operand, given, old, desired, at };
}

function fetchBuiltin(operator: ArithmeticOperator): AtomicBuiltin {
  return { least: 2, most: 3, check: (context, call) => checkFetch(context, call, operator) };
}

function checkFetch(context: CheckContext, call: AtomicCall, operator: ArithmeticOperator): TypedExpression {
  const { at } = call;
  const [pointer, right, order] = call.args;
  const lvalue = atomicTarget(context, pointer!, call);
  const { type } = lvalue;
  if (order) requireConstant(context, order.value, 'the memory order', order.at);
  if (!isInteger(type))
    throw context.diagnostics.typeError(
      at,
      `'${call.name}' needs a pointer to an integer, not to ${typeToC(type)}`,
    );
  const operand = requireInteger(context, right!.value, `an argument of '${call.name}'`);
  const old: OldValue = { type };
  const given: OldValue = { type: operand.type };
  const sides = {
    left: { kind: 'old', type, of: old, at },
    right: { kind: 'old', type: operand.type, of: given, at },
  } as const;
  const desired = convertTo(type, checkArithmetic(context, { operator, ...sides, at }));
  return { kind: 'atomic', type, lvalue, expected: undefined, operand, given, old, desired, at };
}

/** The scalar that the pointer points to. The program must be allowed to write to it. */
function atomicTarget(context: CheckContext, pointer: CheckedArgument, { at }: AtomicCall): Lvalue {
  const lvalue = dereference(context, pointer.value, pointer.at);
  const type: CType = lvalue.type;
  const layout = scalarLayout(type);
  if (!layout || layout.isBool)
    throw context.diagnostics.typeError(at, `${typeToC(type)} cannot be changed atomically`);
  if (isConst(type)) throw context.diagnostics.typeError(at, `${typeToC(type)} is const`);
  if (lvalue.kind === 'memory') context.writes = true;
  return { ...lvalue, type: unqualified(type) };
}

function storedArgument(
  context: CheckContext,
  call: AtomicCall,
  lvalue: Lvalue,
  argument: CheckedArgument,
): TypedExpression {
  const value = convertedArgument(context, call, lvalue, argument);
  refuseKeptValue(context, lvalue, value, argument.at);
  return value;
}

function convertedArgument(
  context: CheckContext,
  { name }: AtomicCall,
  { type }: Lvalue,
  { value, at }: CheckedArgument,
): TypedExpression {
  return assigned(context, type, value, at, `an argument of '${name}': `);
}
