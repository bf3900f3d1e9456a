import {
  BASIC,
  bare,
  type CType,
  isConst,
  isInteger,
  recordMembers,
  sizeOf,
  typeToC,
} from '../ctype/index.ts';
import type { BinaryOperator, Expression, Offset } from '../program/index.ts';
import { checkArithmetic } from './arithmetic.ts';
import { type Checker, isLvalue } from './checker.ts';
import { convertAsByAssignment, convertTo } from './convert.ts';
import { scalarLayout, wrapInteger } from './scalar.ts';
import type { ArithmeticOperator, Lvalue, OldValue, TypedExpression } from './typed-tree.ts';

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** `a = b` and `a += b` (C11 6.5.16). */
export function checkAssign(checker: Checker, expression: Of<'assign'>): TypedExpression {
  const { operator, at } = expression;
  const lvalue = writable(checker, expression.left, at);
  if (operator === '=') {
    const right = checker.check(expression.right);
    const value = assigned(checker, lvalue.type, right, at);
    warnOfBits(checker, lvalue, right);
    return { kind: 'assign', type: value.type, lvalue, value, at };
  }
  const right = checker.check(expression.right);
  const binary = operator.slice(0, -1) as BinaryOperator as ArithmeticOperator;
  return update(checker, { lvalue, operator: binary, right, yields: 'new', at });
}

/** `++a` and `a++` (C11 6.5.2.4 and 6.5.3.1). */
export function checkStep(checker: Checker, { operator, yields, operand, at }: Of<'step'>): TypedExpression {
  const lvalue = writable(checker, operand, at);
  const right: TypedExpression = { kind: 'constant', type: BASIC.int, value: 1n, at };
  return update(checker, { lvalue, operator: operator === '++' ? '+' : '-', right, yields, at });
}

interface Update {
  readonly lvalue: Lvalue;
  readonly operator: ArithmeticOperator;
  readonly right: TypedExpression;
  readonly yields: 'new' | 'old';
  readonly at: Offset;
}

function update(checker: Checker, { lvalue, operator, right, yields, at }: Update): TypedExpression {
  const read = checker.value(lvalue);
  const old: OldValue = { type: read.type };
  const found = { kind: 'old', type: read.type, of: old, at } as const;
  const left = lvalue.bits ? promotedBits(found, lvalue) : found;
  const computed = checkArithmetic(checker, { operator, left, right, at });
  const value = convertTo(read.type, checker.scalar(computed, 'what is stored'));
  return { kind: 'update', type: read.type, lvalue, old, value, yields, at };
}

/** A bit field that an int can hold is one in arithmetic (C11 6.3.1.1, 2). */
function promotedBits(old: TypedExpression, { bits }: Lvalue): TypedExpression {
  const signed = scalarLayout(old.type)?.signed ?? false;
  return bits && bits.width < (signed ? 33 : 32) ? convertTo(BASIC.int, old) : old;
}

/** The place on the left of an assignment; const ones, and those that are none, are refused. */
function writable(checker: Checker, expression: Expression, at: Offset): Lvalue {
  const operand = checker.operand(expression);
  if (!isLvalue(operand)) throw checker.error('PROGRAM_TYPE', at, 'this cannot be assigned to');
  const plain = bare(operand.type);
  if (plain.kind === 'array' || plain.kind === 'function' || plain.kind === 'void')
    throw checker.error('PROGRAM_TYPE', at, `${typeToC(operand.type)} cannot be assigned to`);
  if (isConst(operand.type)) {
    const message = `${typeToC(operand.type)} is const; write through a cast pointer if it must be: *(type *)&x = ...`;
    throw checker.error('PROGRAM_TYPE', at, message);
  }
  if (hasConstMember(operand.type))
    throw checker.error(
      'PROGRAM_TYPE',
      at,
      `a const member is in ${typeToC(operand.type)}: assign the others`,
    );
  if (operand.kind === 'memory') checker.writes = true;
  return operand;
}

/** `value` converted as by assignment to `type`. */
export function assigned(
  checker: Checker,
  type: CType,
  value: TypedExpression,
  at: Offset,
  what = '',
): TypedExpression {
  const converted = convertAsByAssignment(type, value);
  if (typeof converted === 'string') throw checker.error('PROGRAM_TYPE', at, `${what}${converted}`);
  warnOfLostBits(checker, type, value);
  return converted;
}

/** The upper bits of a wider value are lost without a word in C (gcc -Wconversion, and -Woverflow for constants). */
export function warnOfLostBits(checker: Checker, to: CType, value: TypedExpression): void {
  if (!isInteger(to) || !isInteger(value.type)) return;
  if (value.kind === 'constant') return warnOfConstant(checker, to, value);
  const [target, source] = [sizeOf(to) ?? 8, sizeOf(value.type) ?? 8];
  if (target >= source || source <= 4 || scalarLayout(to)?.isBool) return;
  checker.warn(value.at, `${typeToC(value.type)} is cut to ${typeToC(to)}`);
}

/** A positive number that becomes a negative one, unless somebody wrote down its bits (0xff). */
function warnOfConstant(
  checker: Checker,
  to: CType,
  { value, type, at }: Extract<TypedExpression, { kind: 'constant' }>,
): void {
  const layout = scalarLayout(to);
  if (!layout?.signed || layout.sizeBytes >= (sizeOf(type) ?? 8) || checker.isHexadecimal(at)) return;
  const kept = wrapInteger(value, layout);
  if (kept !== value) checker.warn(at, `${value} becomes ${kept} in ${typeToC(to)}`);
}

/** A bit field keeps the low bits (C11 6.5.16, 3). */
function warnOfBits(checker: Checker, { type, bits }: Lvalue, value: TypedExpression): void {
  if (!bits || value.kind !== 'constant') return;
  const signed = scalarLayout(type)?.signed ?? false;
  const kept = signed ? BigInt.asIntN(bits.width, value.value) : BigInt.asUintN(bits.width, value.value);
  const other = signed ? BigInt.asUintN(bits.width, value.value) : BigInt.asIntN(bits.width, value.value);
  if (kept !== value.value && other !== value.value)
    checker.warn(value.at, `${value.value} becomes ${kept} in a bit field of ${bits.width} bits`);
}

/** Whether a const member is in it, at any depth: then the whole cannot be assigned (C11 6.3.2.1, 1). */
function hasConstMember(type: CType): boolean {
  const plain = bare(type);
  if (plain.kind === 'array') return hasConstMember(plain.of);
  if (plain.kind !== 'struct' && plain.kind !== 'union') return false;
  return recordMembers(plain).some(member => isConst(member.type) || hasConstMember(member.type));
}
