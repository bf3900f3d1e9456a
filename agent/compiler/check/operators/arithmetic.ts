import { BASIC, bare, type CType, isInteger, sizeOf, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import { foldNumbers } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import {
  commonType,
  convertTo,
  isFunctionPointer,
  promotedValue,
  scalarLayout,
} from '../conversions/index.ts';
import type { ArithmeticOperator, TypedExpression } from '../tree/index.ts';
import { moveLvalue } from './lvalue.ts';
import { requireInteger } from './require-type.ts';

/** A binary operator with its checked operands. */
export interface ArithmeticInput {
  readonly operator: ArithmeticOperator;
  readonly left: TypedExpression;
  readonly right: TypedExpression;
  readonly at: Offset;
}

const COMPARISONS = new Set<ArithmeticOperator>(['<', '>', '<=', '>=', '==', '!=']);

/**
 * Types one arithmetic, bitwise, shift or comparison operator (C11 6.5.5 to 6.5.12), pointer arithmetic
 * included.
 */
export function checkArithmetic(context: CheckContext, input: ArithmeticInput): TypedExpression {
  const { operator, left, right } = input;
  if (isPointer(left) || isPointer(right)) return checkPointers(context, input);
  const what = `an operand of ${operator}`;
  const a = promotedValue(requireInteger(context, left, what));
  const b = promotedValue(requireInteger(context, right, what));
  if (operator === '<<' || operator === '>>') return checkShift(context, { ...input, left: a, right: b });
  const common = commonType(a.type, b.type);
  if (COMPARISONS.has(operator)) warnOfSigns(context, common, [a, b], input);
  const operands = { ...input, left: convertTo(common, a), right: convertTo(common, b) };
  return arithmetic(context, operands, COMPARISONS.has(operator) ? BASIC.int : common);
}

/** A negative number compares as a huge one where the other side is unsigned (gcc -Wsign-compare). */
function warnOfSigns(
  context: CheckContext,
  common: CType,
  sides: readonly TypedExpression[],
  { operator, at }: ArithmeticInput,
): void {
  if (scalarLayout(common)?.signed) return;
  const signed = sides.find(side => {
    if (side.kind === 'constant') return side.value < 0n;
    const narrow = side.kind === 'convert' && !scalarLayout(side.operand.type)?.signed;
    return (scalarLayout(side.type)?.signed ?? false) && !narrow;
  });
  if (signed)
    context.diagnostics.warn(
      at,
      `${operator} converts ${typeToC(signed.type)} to ${typeToC(common)} before it compares: -1 becomes a very large number`,
    );
}

function checkShift(context: CheckContext, input: ArithmeticInput): TypedExpression {
  const left = promotedValue(input.left);
  const right = promotedValue(input.right);
  const bits = BigInt((sizeOf(left.type) ?? 8) * 8);
  if (right.kind === 'constant' && (right.value < 0n || right.value >= bits)) {
    throw context.diagnostics.typeError(
      right.at,
      `C does not define a shift by ${right.value} of a value of ${bits} bits`,
    );
  }
  return arithmetic(context, { ...input, left, right }, left.type);
}

function checkPointers(context: CheckContext, input: ArithmeticInput): TypedExpression {
  const { operator, left, right, at } = input;
  if (COMPARISONS.has(operator)) return checkPointerComparison(context, input);
  if (operator === '+' && isPointer(left) !== isPointer(right)) {
    return isPointer(left)
      ? offsetPointer(context, input)
      : offsetPointer(context, { ...input, left: right, right: left });
  }
  if (operator === '-' && isPointer(left)) {
    return isPointer(right) ? pointerDifference(context, input) : offsetPointer(context, input);
  }
  throw context.diagnostics.typeError(
    at,
    `C does not define ${operator} for ${typeToC(left.type)} and ${typeToC(right.type)}`,
  );
}

function checkPointerComparison(context: CheckContext, input: ArithmeticInput): TypedExpression {
  const { left, right, at } = input;
  const isNull = (value: TypedExpression): boolean => value.kind === 'constant' && value.value === 0n;
  if ((isPointer(left) || isNull(left)) && (isPointer(right) || isNull(right))) {
    if ([left, right].some(isText) && !isNull(left) && !isNull(right))
      context.diagnostics.warn(at, `${input.operator} compares addresses; strcmp(a, b) == 0 compares texts`);
    return arithmetic(
      context,
      { ...input, left: convertTo(BASIC.ulong, left), right: convertTo(BASIC.ulong, right) },
      BASIC.int,
    );
  }
  throw context.diagnostics.typeError(
    at,
    `${typeToC(left.type)} and ${typeToC(right.type)} cannot be compared; cast one`,
  );
}

/** Pointer plus or minus integer: counts in elements; bytes for void, as gcc has it. */
function offsetPointer(
  context: CheckContext,
  { operator, left, right, at }: ArithmeticInput,
): TypedExpression {
  if (isFunctionPointer(left.type))
    throw context.diagnostics.typeError(at, `C does not define ${operator} for ${typeToC(left.type)}`);
  const size = { kind: 'constant', type: BASIC.long, value: elementSize(context, left), at } as const;
  const count = convertTo(BASIC.long, requireInteger(context, right, `an operand of ${operator}`));
  if (left.kind === 'reference' && count.kind === 'constant') {
    const distance = count.value * size.value * (operator === '-' ? -1n : 1n);
    const moved = moveLvalue(left.lvalue, distance);
    if (moved) return { ...left, lvalue: moved, at };
    if (left.lvalue.kind === 'local')
      context.diagnostics.warn(
        at,
        `this is outside of its variable, which has ${left.lvalue.variable.sizeBytes} bytes`,
      );
  }
  const bytes = arithmetic(context, { operator: '*', left: count, right: size, at }, BASIC.long);
  const sum = { operator, left: convertTo(BASIC.ulong, left), right: convertTo(BASIC.ulong, bytes), at };
  return convertTo(left.type, arithmetic(context, sum, BASIC.ulong));
}

function pointerDifference(context: CheckContext, { left, right, at }: ArithmeticInput): TypedExpression {
  const size = elementSize(context, left);
  if (elementSize(context, right) !== size) {
    throw context.diagnostics.typeError(
      at,
      `C does not define ${typeToC(left.type)} minus ${typeToC(right.type)}`,
    );
  }
  const bytes = {
    operator: '-',
    left: convertTo(BASIC.long, left),
    right: convertTo(BASIC.long, right),
    at,
  } as const;
  const difference = arithmetic(context, bytes, BASIC.long);
  const divisor = { kind: 'constant', type: BASIC.long, value: size, at } as const;
  return arithmetic(context, { operator: '/', left: difference, right: divisor, at }, BASIC.long);
}

function elementSize(context: CheckContext, pointer: TypedExpression): bigint {
  const type = bare(pointer.type);
  const element: CType = type.kind === 'pointer' ? bare(type.to) : BASIC.void;
  if (element.kind === 'void' || element.kind === 'function') return 1n;
  const size = sizeOf(element);
  if (!size)
    throw context.diagnostics.typeError(
      pointer.at,
      `pointer arithmetic counts in elements, and ${typeToC(element)} has no size`,
    );
  return BigInt(size);
}

function arithmetic(context: CheckContext, input: ArithmeticInput, type: CType): TypedExpression {
  const { left, right, operator, at } = input;
  if (left.kind !== 'constant' || right.kind !== 'constant')
    return { kind: 'arithmetic', type, operator, left, right, at };
  const value = foldNumbers(operator, left.value, right.value);
  if (value === undefined) throw context.diagnostics.typeError(at, 'division by zero');
  return convertTo(type, { kind: 'constant', type, value, at });
}

function isText(value: TypedExpression): boolean {
  if (value.kind === 'parameter') return isText(value.value);
  return value.kind === 'string' || (value.kind === 'convert' && isText(value.operand));
}

function isPointer({ type }: TypedExpression): boolean {
  return !isInteger(type) && bare(type).kind === 'pointer';
}
