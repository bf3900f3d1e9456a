import {
  type ArithmeticOperator,
  isSignedOperation,
  scalarLayout,
  type TypedExpression,
} from '../check/index.ts';
import { bare, type CType } from '../ctype/index.ts';
import { IrBuilder } from './builder.ts';
import { END, type IrOperator, type IrProgram, type Temp } from './ir.ts';

/** Bytes that a scalar result takes. */
const SCALAR_BYTES = 8;

/** Turns a checked program into IR: order of evaluation is from left to right. */
export function lowerProgram(result: TypedExpression): IrProgram {
  const builder = new IrBuilder();
  const value = lower(builder, result);
  if (value !== undefined) builder.emit({ op: 'result', offset: 0, from: value });
  builder.terminate({ op: 'end', end: END.RETURNED, place: result.at });
  return builder.finish(value === undefined ? 0 : SCALAR_BYTES);
}

/** The temporary that holds the expression's value; undefined for void. */
function lower(builder: IrBuilder, expression: TypedExpression): Temp | undefined {
  switch (expression.kind) {
    case 'constant':
      return builder.constant(expression.value);
    case 'address':
      return builder.constant(expression.address);
    case 'string': {
      const to = builder.temp();
      builder.emit({ op: 'data', to, offset: builder.string(expression.bytes) });
      return to;
    }
    case 'convert':
      return lowerConvert(builder, expression.type, expression.operand);
    case 'negate': {
      const operand = lowerValue(builder, expression.operand);
      return normalise(builder, expression.type, builder.binary('sub', builder.constant(0n), operand));
    }
    case 'complement': {
      const operand = lowerValue(builder, expression.operand);
      return normalise(builder, expression.type, builder.binary('xor', operand, builder.constant(-1n)));
    }
    case 'not':
      return builder.binary('eq', lowerValue(builder, expression.operand), builder.constant(0n));
    case 'arithmetic':
      return lowerArithmetic(builder, expression);
    case 'logical':
      return lowerLogical(builder, expression);
    case 'conditional':
      return lowerConditional(builder, expression);
    case 'sequence':
      lower(builder, expression.first);
      return lower(builder, expression.second);
    case 'call':
      return lowerCall(builder, expression);
  }
}

function lowerValue(builder: IrBuilder, expression: TypedExpression): Temp {
  const temp = lower(builder, expression);
  if (temp === undefined) throw new Error(`an expression of kind ${expression.kind} has no value`);
  return temp;
}

function lowerConvert(builder: IrBuilder, type: CType, operand: TypedExpression): Temp | undefined {
  const value = lower(builder, operand);
  if (value === undefined || bare(type).kind === 'void') return undefined;
  return normalise(builder, type, value);
}

/** Brings a 64-bit value into the form that values of `type` have in a temporary. */
function normalise(builder: IrBuilder, type: CType, from: Temp): Temp {
  const layout = scalarLayout(type);
  if (!layout) throw new Error('only scalars live in temporaries');
  if (layout.isBool) return builder.binary('ne', from, builder.constant(0n));
  if (layout.sizeBytes === 8) return from;
  const to = builder.temp();
  const bits = (layout.sizeBytes * 8) as 8 | 16 | 32;
  builder.emit({ op: 'extend', to, from, bits, signed: layout.signed });
  return to;
}

/** Operators by what they are on signed and on unsigned values; greater-than is less-than with the sides changed. */
const OPERATORS: Readonly<
  Record<ArithmeticOperator, readonly [signed: IrOperator, unsigned: IrOperator, swap?: boolean]>
> = {
  '+': ['add', 'add'],
  '-': ['sub', 'sub'],
  '*': ['mul', 'mul'],
  '/': ['sdiv', 'udiv'],
  '%': ['srem', 'urem'],
  '<<': ['shl', 'shl'],
  '>>': ['sar', 'shr'],
  '&': ['and', 'and'],
  '|': ['or', 'or'],
  '^': ['xor', 'xor'],
  '==': ['eq', 'eq'],
  '!=': ['ne', 'ne'],
  '<': ['slt', 'ult'],
  '<=': ['sle', 'ule'],
  '>': ['slt', 'ult', true],
  '>=': ['sle', 'ule', true],
};

function lowerArithmetic(
  builder: IrBuilder,
  expression: Extract<TypedExpression, { kind: 'arithmetic' }>,
): Temp {
  const { operator, left, right, type, at } = expression;
  const [signed, unsigned, swap] = OPERATORS[operator];
  const a = lowerValue(builder, left);
  let b = lowerValue(builder, right);
  if (operator === '/' || operator === '%') guardDivision(builder, b, at);
  if (operator === '<<' || operator === '>>') b = maskShift(builder, left.type, b);
  const ir = isSignedOperation(left) ? signed : unsigned;
  return normalise(builder, type, swap ? builder.binary(ir, b, a) : builder.binary(ir, a, b));
}

/** A shift count outside of the type is undefined in C; here it counts modulo the width, the same on every CPU. */
function maskShift(builder: IrBuilder, type: CType, count: Temp): Temp {
  const bits = BigInt((scalarLayout(type)?.sizeBytes ?? 8) * 8);
  return builder.binary('and', count, builder.constant(bits - 1n));
}

/** Division by zero would be an oops in the kernel; it ends the program instead. */
function guardDivision(builder: IrBuilder, divisor: Temp, place: number): void {
  const zero = builder.block();
  const fine = builder.block();
  builder.terminate({ op: 'branch', condition: divisor, then: fine, otherwise: zero });
  builder.enter(zero);
  builder.terminate({ op: 'end', end: END.DIVIDED_BY_ZERO, place });
  builder.enter(fine);
}

function lowerLogical(
  builder: IrBuilder,
  { operator, left, right }: Extract<TypedExpression, { kind: 'logical' }>,
): Temp {
  const to = builder.temp();
  const more = builder.block();
  const done = builder.block();
  const truth = (side: TypedExpression): Temp =>
    builder.binary('ne', lowerValue(builder, side), builder.constant(0n));
  builder.emit({ op: 'copy', to, from: truth(left) });
  const isAnd = operator === '&&';
  builder.terminate({
    op: 'branch',
    condition: to,
    then: isAnd ? more : done,
    otherwise: isAnd ? done : more,
  });
  builder.enter(more);
  builder.emit({ op: 'copy', to, from: truth(right) });
  builder.terminate({ op: 'jump', target: done });
  builder.enter(done);
  return to;
}

function lowerConditional(
  builder: IrBuilder,
  expression: Extract<TypedExpression, { kind: 'conditional' }>,
): Temp | undefined {
  const to = bare(expression.type).kind === 'void' ? undefined : builder.temp();
  const [then, otherwise, done] = [builder.block(), builder.block(), builder.block()];
  builder.terminate({ op: 'branch', condition: lowerValue(builder, expression.condition), then, otherwise });
  for (const [block, branch] of [
    [then, expression.then],
    [otherwise, expression.otherwise],
  ] as const) {
    builder.enter(block);
    const from = lower(builder, branch);
    if (to !== undefined && from !== undefined) builder.emit({ op: 'copy', to, from });
    builder.terminate({ op: 'jump', target: done });
  }
  builder.enter(done);
  return to;
}

/**
 * A call. Arguments below 64 bits are extended to 64 by their sign or with zeros, which is more than the ABI asks for and
 * what clang-built kernels rely on; the result is cut to its size, as its upper bits are undefined (x86-64 psABI 3.2.3).
 */
function lowerCall(
  builder: IrBuilder,
  { type, callee, args }: Extract<TypedExpression, { kind: 'call' }>,
): Temp | undefined {
  const temps = args.map(arg => lowerValue(builder, arg));
  const target = { name: callee.name, address: callee.address };
  if (bare(type).kind === 'void') {
    builder.emit({ op: 'call', to: undefined, target, args: temps });
    return undefined;
  }
  const raw = builder.temp();
  builder.emit({ op: 'call', to: raw, target, args: temps });
  return normaliseResult(builder, type, raw);
}

/** Of a `_Bool` result only the low 8 bits are defined, and they are 0 or 1. */
function normaliseResult(builder: IrBuilder, type: CType, raw: Temp): Temp {
  if (!scalarLayout(type)?.isBool) return normalise(builder, type, raw);
  const to = builder.temp();
  builder.emit({ op: 'extend', to, from: raw, bits: 8, signed: false });
  return normalise(builder, type, to);
}
