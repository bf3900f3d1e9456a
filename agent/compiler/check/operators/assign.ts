import { BASIC, bare, type CType, isConst, recordMembers, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { AssignmentOperator, BinaryOperator } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { convertTo, scalarLayout } from '../conversions/index.ts';
import {
  type ArithmeticOperator,
  isLvalue,
  type Lvalue,
  type OldValue,
  type Operand,
  type TypedExpression,
} from '../tree/index.ts';
import { checkArithmetic } from './arithmetic.ts';
import { assigned } from './assigned.ts';
import { refuseKeptValue } from './own-memory.ts';
import { readValue } from './read-value.ts';
import { requireScalar } from './require-type.ts';

/** An assignment with its checked sides. */
export interface AssignInput {
  readonly operator: AssignmentOperator;
  readonly lvalue: Lvalue;
  readonly right: TypedExpression;
  readonly at: Offset;
}

/** `a = b` and `a += b` (C11 6.5.16). */
export function checkAssign(context: CheckContext, input: AssignInput): TypedExpression {
  const { operator, lvalue, right, at } = input;
  if (operator === '=') {
    const value = assigned(context, lvalue.type, right, at);
    refuseKeptValue(context, lvalue, value, right.at);
    warnOfBits(context, lvalue, right);
    return { kind: 'assign', type: value.type, lvalue, value, at };
  }
  const binary = operator.slice(0, -1) as BinaryOperator as ArithmeticOperator;
  return update(context, { lvalue, operator: binary, right, yields: 'new', at });
}

/** `++a` and `a++`, with the checked operand. */
export interface StepInput {
  readonly operator: '++' | '--';
  readonly yields: 'new' | 'old';
  readonly lvalue: Lvalue;
  readonly at: Offset;
}

/** `++a` and `a++` (C11 6.5.2.4 and 6.5.3.1). */
export function checkStep(
  context: CheckContext,
  { operator, yields, lvalue, at }: StepInput,
): TypedExpression {
  const right: TypedExpression = { kind: 'constant', type: BASIC.int, value: 1n, at };
  return update(context, { lvalue, operator: operator === '++' ? '+' : '-', right, yields, at });
}

interface Update {
  readonly lvalue: Lvalue;
  readonly operator: ArithmeticOperator;
  readonly right: TypedExpression;
  readonly yields: 'new' | 'old';
  readonly at: Offset;
}

function update(context: CheckContext, { lvalue, operator, right, yields, at }: Update): TypedExpression {
  const read = readValue(context, lvalue);
  const old: OldValue = { type: read.type };
  const found = { kind: 'old', type: read.type, of: old, at } as const;
  const left = lvalue.bits ? promotedBits(found, lvalue) : found;
  const computed = checkArithmetic(context, { operator, left, right, at });
  const value = convertTo(read.type, requireScalar(context, computed, 'the stored value'));
  return { kind: 'update', type: read.type, lvalue, old, value, yields, at };
}

/** In arithmetic, a bit field is an int if an int can hold its values (C11 6.3.1.1, 2). */
function promotedBits(old: TypedExpression, { bits }: Lvalue): TypedExpression {
  const signed = scalarLayout(old.type)?.signed ?? false;
  return bits && bits.width < (signed ? 33 : 32) ? convertTo(BASIC.int, old) : old;
}

/**
 * The left side of an assignment as a modifiable lvalue (C11 6.3.2.1, 1). Throws PROGRAM_TYPE if it is no
 * lvalue, or is const. Records in the context that the program writes, unless it writes to a variable of its
 * own.
 *
 * Threat: `a[i] = 1` with an `i` beyond `a` writes to the kernel, and counts as a read. So lowering compares
 * the address with the ends of the variable before each such write.
 */
export function modifiableLvalue(context: CheckContext, operand: Operand, at: Offset): Lvalue {
  const { diagnostics } = context;
  if (!isLvalue(operand)) throw diagnostics.typeError(at, 'this expression cannot be assigned to');
  const { kind } = bare(operand.type);
  const spelled = typeToC(operand.type);
  if (kind === 'array' || kind === 'function' || kind === 'void')
    throw diagnostics.typeError(at, `${spelled} cannot be assigned to`);
  if (isConst(operand.type)) {
    const message = `${spelled} is const; to write to it nevertheless, cast a pointer: *(type *)&x = ...`;
    throw diagnostics.typeError(at, message);
  }
  if (hasConstMember(operand.type))
    throw diagnostics.typeError(at, `${spelled} has a const member; assign its other members one by one`);
  if (!staysOwn(operand)) context.writes = true;
  return operand;
}

/** Whether what is written is a variable of the program, or a scalar in one. */
function staysOwn(lvalue: Lvalue): boolean {
  if (lvalue.kind === 'local') return true;
  return lvalue.within !== undefined && !lvalue.bits && scalarLayout(lvalue.type) !== undefined;
}

/** A bit field keeps the low bits (C11 6.5.16, 3). */
function warnOfBits({ diagnostics }: CheckContext, { type, bits }: Lvalue, value: TypedExpression): void {
  if (!bits || value.kind !== 'constant') return;
  const signed = scalarLayout(type)?.signed ?? false;
  const kept = signed ? BigInt.asIntN(bits.width, value.value) : BigInt.asUintN(bits.width, value.value);
  const other = signed ? BigInt.asUintN(bits.width, value.value) : BigInt.asIntN(bits.width, value.value);
  if (kept !== value.value && other !== value.value)
    diagnostics.warn(value.at, `${value.value} becomes ${kept} in a bit field of ${bits.width} bits`);
}

/** Whether a member is const, at any depth. The whole can then not be assigned (C11 6.3.2.1, 1). */
function hasConstMember(type: CType): boolean {
  const plain = bare(type);
  if (plain.kind === 'array') return hasConstMember(plain.of);
  if (plain.kind !== 'struct' && plain.kind !== 'union') return false;
  return recordMembers(plain).some(member => isConst(member.type) || hasConstMember(member.type));
}
