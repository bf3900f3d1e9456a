import { BASIC, bare, type CType, isInteger, sizeOf, typeToC } from '../ctype/index.ts';
import type { Offset } from '../program/index.ts';
import type { Checker } from './checker.ts';
import { convertTo, promotedValue } from './convert.ts';
import { foldArithmetic } from './fold.ts';
import { moveLvalue } from './lvalue.ts';
import { commonType, scalarLayout } from './scalar.ts';
import type { ArithmeticOperator, TypedExpression } from './typed-tree.ts';

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
export function checkArithmetic(checker: Checker, input: ArithmeticInput): TypedExpression {
  const { operator, left, right } = input;
  if (isPointer(left) || isPointer(right)) return checkPointers(checker, input);
  const what = `an operand of ${operator}`;
  const a = promotedValue(checker.integer(left, what));
  const b = promotedValue(checker.integer(right, what));
  if (operator === '<<' || operator === '>>') return checkShift(checker, { ...input, left: a, right: b });
  const common = commonType(a.type, b.type);
  if (COMPARISONS.has(operator)) warnOfSigns(checker, common, [a, b], input);
  const operands = { ...input, left: convertTo(common, a), right: convertTo(common, b) };
  return arithmetic(checker, operands, COMPARISONS.has(operator) ? BASIC.int : common);
}

/** A negative number compares as a huge one where the other side is unsigned (gcc -Wsign-compare). */
function warnOfSigns(
  checker: Checker,
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
    checker.warn(at, `${operator} compares ${typeToC(signed.type)} as ${typeToC(common)}: -1 counts as huge`);
}

function checkShift(checker: Checker, input: ArithmeticInput): TypedExpression {
  const left = promotedValue(input.left);
  const right = promotedValue(input.right);
  const bits = BigInt((sizeOf(left.type) ?? 8) * 8);
  if (right.kind === 'constant' && (right.value < 0n || right.value >= bits)) {
    throw checker.error(
      'PROGRAM_TYPE',
      right.at,
      `a shift by ${right.value} of a value of ${bits} bits has no meaning in C`,
    );
  }
  return arithmetic(checker, { ...input, left, right }, left.type);
}

function checkPointers(checker: Checker, input: ArithmeticInput): TypedExpression {
  const { operator, left, right, at } = input;
  if (COMPARISONS.has(operator)) return checkPointerComparison(checker, input);
  if (operator === '+' && isPointer(left) !== isPointer(right)) {
    return isPointer(left)
      ? offsetPointer(checker, input)
      : offsetPointer(checker, { ...input, left: right, right: left });
  }
  if (operator === '-' && isPointer(left)) {
    return isPointer(right) ? pointerDifference(checker, input) : offsetPointer(checker, input);
  }
  throw checker.error(
    'PROGRAM_TYPE',
    at,
    `${operator} has no meaning for ${typeToC(left.type)} and ${typeToC(right.type)}`,
  );
}

function checkPointerComparison(checker: Checker, input: ArithmeticInput): TypedExpression {
  const { left, right, at } = input;
  const isNull = (value: TypedExpression): boolean => value.kind === 'constant' && value.value === 0n;
  if ((isPointer(left) || isNull(left)) && (isPointer(right) || isNull(right))) {
    return arithmetic(
      checker,
      { ...input, left: convertTo(BASIC.ulong, left), right: convertTo(BASIC.ulong, right) },
      BASIC.int,
    );
  }
  throw checker.error(
    'PROGRAM_TYPE',
    at,
    `${typeToC(left.type)} and ${typeToC(right.type)} cannot be compared; cast one`,
  );
}

/** Pointer plus or minus integer: counts in elements; bytes for void and functions, as gcc has it. */
function offsetPointer(checker: Checker, { operator, left, right, at }: ArithmeticInput): TypedExpression {
  const size = { kind: 'constant', type: BASIC.long, value: elementSize(checker, left), at } as const;
  const count = convertTo(BASIC.long, checker.integer(right, `an operand of ${operator}`));
  if (left.kind === 'reference' && count.kind === 'constant') {
    const distance = count.value * size.value * (operator === '-' ? -1n : 1n);
    const moved = moveLvalue(left.lvalue, distance);
    if (moved) return { ...left, lvalue: moved, at };
  }
  const bytes = arithmetic(checker, { operator: '*', left: count, right: size, at }, BASIC.long);
  const sum = { operator, left: convertTo(BASIC.ulong, left), right: convertTo(BASIC.ulong, bytes), at };
  return convertTo(left.type, arithmetic(checker, sum, BASIC.ulong));
}

function pointerDifference(checker: Checker, { left, right, at }: ArithmeticInput): TypedExpression {
  const size = elementSize(checker, left);
  if (elementSize(checker, right) !== size) {
    throw checker.error(
      'PROGRAM_TYPE',
      at,
      `${typeToC(left.type)} minus ${typeToC(right.type)} has no meaning`,
    );
  }
  const bytes = {
    operator: '-',
    left: convertTo(BASIC.long, left),
    right: convertTo(BASIC.long, right),
    at,
  } as const;
  const difference = arithmetic(checker, bytes, BASIC.long);
  const divisor = { kind: 'constant', type: BASIC.long, value: size, at } as const;
  return arithmetic(checker, { operator: '/', left: difference, right: divisor, at }, BASIC.long);
}

function elementSize(checker: Checker, pointer: TypedExpression): bigint {
  const type = bare(pointer.type);
  const element: CType = type.kind === 'pointer' ? bare(type.to) : BASIC.void;
  if (element.kind === 'void' || element.kind === 'function') return 1n;
  const size = sizeOf(element);
  if (!size) throw checker.error('PROGRAM_TYPE', pointer.at, `${typeToC(element)} has no size to count in`);
  return BigInt(size);
}

function arithmetic(checker: Checker, input: ArithmeticInput, type: CType): TypedExpression {
  const { left, right, operator, at } = input;
  if (left.kind !== 'constant' || right.kind !== 'constant')
    return { kind: 'arithmetic', type, operator, left, right, at };
  const value = foldArithmetic(operator, left, right);
  if (value === undefined) throw checker.error('PROGRAM_TYPE', at, 'division by zero');
  return convertTo(type, { kind: 'constant', type, value, at });
}

function isPointer({ type }: TypedExpression): boolean {
  return !isInteger(type) && bare(type).kind === 'pointer';
}
