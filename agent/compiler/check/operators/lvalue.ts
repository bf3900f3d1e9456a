import { bare, type CType, constOf, isConst, pointerTo, sizeOf, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import { convertTo } from '../conversions/index.ts';
import type { Lvalue, TypedExpression, Variable } from '../tree/index.ts';

/** Offsets in lvalues stay within what every CPU can add in one instruction. */
const OFFSET_LIMIT = 1n << 30n;

/** The object that a pointer points to, as an lvalue (C11 6.5.3.2, 4). */
export function dereference(context: CheckContext, pointer: TypedExpression, at: Offset): Lvalue {
  const type = bare(pointer.type);
  if (type.kind !== 'pointer')
    throw context.diagnostics.typeError(at, `a value of type ${typeToC(pointer.type)} is not a pointer`);
  const known = pointer.kind === 'reference' ? retyped(pointer.lvalue, type.to) : undefined;
  if (known) return { ...known, at };
  const within = ownVariableOf(pointer);
  return { kind: 'memory', type: type.to, address: pointer, offset: 0, bits: undefined, within, at };
}

/** The variable of the program that a pointer was computed from: `a` of `a + i`; undefined for all others. */
function ownVariableOf(pointer: TypedExpression): Variable | undefined {
  switch (pointer.kind) {
    case 'reference':
      return pointer.lvalue.kind === 'local' ? pointer.lvalue.variable : pointer.lvalue.within;
    case 'convert':
      return ownVariableOf(pointer.operand);
    case 'arithmetic':
      return ownVariableOf(pointer.left);
    default:
      return undefined;
  }
}

/** The same memory as another type; undefined where that would reach outside of a variable. */
function retyped(lvalue: Lvalue, type: CType): Lvalue | undefined {
  const inside = lvalue.kind === 'memory' || fits(lvalue, lvalue.offset, sizeOf(type) ?? 0);
  return inside ? { ...lvalue, type, bits: undefined } : undefined;
}

function fits({ variable }: Extract<Lvalue, { kind: 'local' }>, offset: number, bytes: number): boolean {
  return offset >= 0 && offset + bytes <= variable.sizeBytes;
}

/** The lvalue `bytes` further on; undefined if its address must be computed while the program runs. */
export function moveLvalue(lvalue: Lvalue, bytes: bigint): Lvalue | undefined {
  const offset = BigInt(lvalue.offset) + bytes;
  if (offset < -OFFSET_LIMIT || offset > OFFSET_LIMIT) return undefined;
  if (lvalue.kind === 'local' && !fits(lvalue, Number(offset), 0)) return undefined;
  return { ...lvalue, offset: Number(offset) };
}

/**
 * The address of an lvalue as a pointer to `type`; for an array, that may be the type of its elements (C11
 * 6.3.2.1, 3).
 */
export function referenceTo(lvalue: Lvalue, type: CType, at: Offset): TypedExpression {
  const pointer = pointerTo(type);
  if (lvalue.kind === 'memory' && lvalue.offset === 0) return { ...convertTo(pointer, lvalue.address), at };
  return { kind: 'reference', type: pointer, lvalue, at };
}

/** The element type of an array, const where the array is. */
export function elementOf(array: CType): CType | undefined {
  const plain = bare(array);
  if (plain.kind !== 'array') return undefined;
  return isConst(array) ? constOf(plain.of) : plain.of;
}
