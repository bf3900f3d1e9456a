import {
  BASIC,
  bare,
  type CType,
  type EnumType,
  type FunctionType,
  isConst,
  isInteger,
  isVolatile,
  type RecordType,
  sizeOf,
  typeToC,
} from '../../ctype/index.ts';
import type { TypedExpression } from '../tree/index.ts';
import { promoted, scalarLayout, wrapInteger } from './scalar.ts';

/** Folds constants; writes out every other change of type. Both types must be scalar. */
export function convertTo(type: CType, operand: TypedExpression): TypedExpression {
  const layout = scalarLayout(type);
  if (operand.kind === 'constant' && layout) {
    return { kind: 'constant', type, value: wrapInteger(operand.value, layout), at: operand.at };
  }
  // A bit field that has been converted is none any more, and no longer becomes an int by promotion.
  const isBits = operand.kind === 'read' && operand.lvalue.bits !== undefined;
  if (!isBits && sameScalar(type, operand.type)) return { ...operand, type };
  return { kind: 'convert', type, operand, at: operand.at };
}

function sameScalar(to: CType, from: CType): boolean {
  const a = scalarLayout(to);
  const b = scalarLayout(from);
  return (
    a !== undefined &&
    b !== undefined &&
    a.sizeBytes === b.sizeBytes &&
    a.signed === b.signed &&
    a.isBool === b.isBool
  );
}

/** The value after integer promotion; a bit field that an int can hold becomes one (C11 6.3.1.1, 2). */
export function promotedValue(value: TypedExpression): TypedExpression {
  const bits = value.kind === 'read' ? value.lvalue.bits : undefined;
  const layout = scalarLayout(value.type);
  if (bits && layout && bits.width < (layout.signed ? 33 : 32)) return convertTo(BASIC.int, value);
  return convertTo(promoted(value.type), value);
}

/**
 * Converts as by assignment (C11 6.5.16.1), which is also how arguments meet their parameters (6.5.2.2). The
 * answer is the converted expression, or the message of an error, to which the caller adds the location.
 *
 * Stricter than C in one thing: a constant that does not fit is an error and not a warning, since no one
 * reads warnings on a thousand hosts.
 */
export function convertAsByAssignment(to: CType, from: TypedExpression): TypedExpression | string {
  const target = bare(to);
  const source = bare(from.type);
  if (isInteger(to) && scalarLayout(to)) {
    if (target.kind === 'int' && target.isBool && source.kind === 'pointer') return convertTo(to, from);
    if (!isInteger(from.type)) return `expected ${typeToC(to)}, found ${describe(from)}`;
    return misfit(to, from) ?? convertTo(to, from);
  }
  if (target.kind === 'pointer') return pointerAsByAssignment(to, from);
  if (source.kind === 'void') return 'a function that returns void has no value to pass';
  if (target.kind === 'struct' || target.kind === 'union') {
    if (compatible(target, source)) return from;
    const isPointed = source.kind === 'pointer' && compatible(target, bare(source.to));
    const rest = isPointed ? `; write * before it, or declare a pointer: ${typeToC(from.type)}` : '';
    return `expected ${typeToC(to)}, found ${describe(from)}${rest}`;
  }
  return `call programs cannot pass ${typeToC(to)} by value`;
}

function misfit(to: CType, from: TypedExpression): string | undefined {
  const layout = scalarLayout(to);
  if (from.kind !== 'constant' || !layout || layout.isBool) return undefined;
  const bits = BigInt(layout.sizeBytes * 8);
  // Either reading of the bits will do: -1 for all ones, 0x80000000 for an int flag.
  if (from.value >= -(1n << (bits - 1n)) && from.value < 1n << bits) return undefined;
  const least = layout.signed ? -(1n << (bits - 1n)) : 0n;
  const most = layout.signed ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  return `${from.value} does not fit in ${typeToC(to)} (${least} to ${most}); cast it if you mean its low bits`;
}

/** Whether the type is a pointer to a function. */
export function isFunctionPointer(type: CType): boolean {
  const plain = bare(type);
  return plain.kind === 'pointer' && bare(plain.to).kind === 'function';
}

/**
 * Why a value does not become a pointer to a function, where `to` is one; undefined where it does.
 *
 * Threat: a number, or the address of data, that becomes a function hides from approvers and from the host's
 * policy what is called. So only functions and pointers to functions do. Stricter than C and gcc, which
 * allow all casts. What still gets past the types, through memory, the check before the call stops.
 */
export function whyNoFunctionPointer(to: CType, from: TypedExpression): string | undefined {
  if (!isFunctionPointer(to) || isFunctionPointer(from.type) || isNullPointer(from)) return undefined;
  return `${describe(from)} does not become ${typeToC(to)}: only the name of a function, or a pointer to a function, does`;
}

/** A null pointer constant (C11 6.3.2.3, 3): an integer constant 0, or that as a `void *`. */
export function isNullPointer(value: TypedExpression): boolean {
  if (value.kind !== 'constant' || value.value !== 0n) return false;
  return isInteger(value.type) || isVoidPointer(value.type);
}

function isVoidPointer(type: CType): boolean {
  const plain = bare(type);
  return plain.kind === 'pointer' && bare(plain.to).kind === 'void';
}

function pointerAsByAssignment(to: CType, from: TypedExpression): TypedExpression | string {
  if (isNullPointer(from)) return convertTo(to, from);
  const source = bare(from.type);
  if (source.kind !== 'pointer')
    return `expected ${typeToC(to)}, found ${describe(from)}; ${pointerInstead(to, from)}`;
  const target = bare(to);
  if (target.kind !== 'pointer') return `${typeToC(to)} is not a pointer`;
  if (isConst(source.to) && !isConst(target.to)) {
    return `expected ${typeToC(to)}, found ${describe(from)}: this would allow writes to const memory; cast it if you know that there are none`;
  }
  if (isVolatile(source.to) && !isVolatile(target.to))
    return `expected ${typeToC(to)}, found ${describe(from)}: this would drop volatile; cast it if you mean that`;
  const why = whyNoFunctionPointer(to, from);
  if (why) return why;
  if (pointeesAgree(target.to, source.to)) return convertTo(to, from);
  return `expected ${typeToC(to)}, found ${describe(from)}`;
}

/** What to write where a pointer is due and none is there. */
function pointerInstead(to: CType, from: TypedExpression): string {
  const target = bare(to);
  const pointee = target.kind === 'pointer' ? bare(target.to) : undefined;
  if (pointee?.kind === 'struct' && compatible(pointee, from.type)) return 'write & before it';
  const isTask = pointee?.kind === 'struct' && pointee.name === 'task_struct';
  return isTask ? 'find_task(pid) gives the task with a number' : 'cast it if you mean an address';
}

/**
 * C11 6.5.16.1: compatible types, or one of the two is void. Differences of sign count as compatible, as for
 * gcc; but only in what the pointer itself points to: `void **` is no `T **`.
 */
function pointeesAgree(a: CType, b: CType): boolean {
  const left = bare(a);
  const right = bare(b);
  if (left.kind === 'void' || right.kind === 'void') return true;
  if (isInteger(left) && isInteger(right)) return sizeOf(left) === sizeOf(right);
  return compatible(left, right);
}

/**
 * C11 6.2.7 by structure, and not by spelling: anonymous structures are all spelled alike, and prototypes
 * differ in the names of their parameters.
 */
export function compatible(a: CType, b: CType): boolean {
  const left = bare(a);
  const right = bare(b);
  switch (left.kind) {
    case 'int':
      return right.kind === 'int' && sameScalar(left, right);
    case 'pointer':
      return (
        right.kind === 'pointer' && isConst(left.to) === isConst(right.to) && compatible(left.to, right.to)
      );
    case 'array':
      return right.kind === 'array' && left.count === right.count && compatible(left.of, right.of);
    case 'function':
      return right.kind === 'function' && sameFunction(left, right);
    case 'enum':
    case 'struct':
    case 'union':
      return left.kind === right.kind && left.name === right.name && sameDefinition(left, right);
    default:
      return left.kind === right.kind && typeToC(left) === typeToC(right);
  }
}

/** A kernel's type is what its name says, in each BTF; the types of a program are no others. */
function sameDefinition(left: EnumType | RecordType, right: EnumType | RecordType): boolean {
  return left.id === right.id || (left.name !== '' && left.id > 0 && right.id > 0);
}

function sameFunction(a: FunctionType, b: FunctionType): boolean {
  return (
    a.variadic === b.variadic &&
    a.params.length === b.params.length &&
    a.params.every(({ type }, index) => compatible(type, b.params[index]!.type)) &&
    compatible(a.result, b.result)
  );
}

function describe(expression: TypedExpression): string {
  if (expression.kind === 'string') return 'a string';
  if (expression.kind === 'constant') return `the number ${expression.value}`;
  return `a value of type ${typeToC(expression.type)}`;
}
