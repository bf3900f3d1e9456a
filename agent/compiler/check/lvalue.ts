import {
  alignmentOf,
  bare,
  type CType,
  constOf,
  findMember,
  isConst,
  memberNames,
  pointerTo,
  type RecordType,
  sizeOf,
  typeToC,
} from '../ctype/index.ts';
import type { Designator, Expression, Offset } from '../program/index.ts';
import { checkArithmetic } from './arithmetic.ts';
import type { Checker } from './checker.ts';
import { convertTo } from './convert.ts';
import { didYouMean, nearestNames } from './nearest-names.ts';
import type { BitField, Lvalue, TypedExpression } from './typed-tree.ts';

/** Offsets in places stay within what every CPU can add in one instruction. */
const OFFSET_LIMIT = 1n << 30n;

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** What a pointer points to, as a place (C11 6.5.3.2, 4). */
export function dereference(checker: Checker, pointer: TypedExpression, at: Offset): Lvalue {
  const type = bare(pointer.type);
  if (type.kind !== 'pointer')
    throw checker.error('PROGRAM_TYPE', at, `a value of type ${typeToC(pointer.type)} points to nothing`);
  const known = pointer.kind === 'reference' ? retyped(pointer.lvalue, type.to) : undefined;
  if (known) return { ...known, at };
  return { kind: 'memory', type: type.to, address: pointer, offset: 0, bits: undefined, at };
}

/** The same memory as another type; undefined where that would reach outside of a variable. */
function retyped(lvalue: Lvalue, type: CType): Lvalue | undefined {
  const inside = lvalue.kind === 'memory' || fits(lvalue, lvalue.offset, sizeOf(type) ?? 0);
  return inside ? { ...lvalue, type, bits: undefined } : undefined;
}

function fits({ variable }: Extract<Lvalue, { kind: 'local' }>, offset: number, bytes: number): boolean {
  return offset >= 0 && offset + bytes <= variable.sizeBytes;
}

/** The place `bytes` further on; undefined where that must be computed while the program runs. */
export function moveLvalue(lvalue: Lvalue, bytes: bigint): Lvalue | undefined {
  const offset = BigInt(lvalue.offset) + bytes;
  if (offset < -OFFSET_LIMIT || offset > OFFSET_LIMIT) return undefined;
  if (lvalue.kind === 'local' && !fits(lvalue, Number(offset), 0)) return undefined;
  return { ...lvalue, offset: Number(offset) };
}

/** The address of a place; an array's is that of its first element where `decay` asks for that (C11 6.3.2.1, 3). */
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

/** `a.b` and `a->b` (C11 6.5.2.3). */
export function checkMember(checker: Checker, expression: Of<'member'>): Lvalue {
  const { operand, name, arrow, at } = expression;
  if (arrow) return memberOf(checker, dereference(checker, checker.check(operand), at), name, at);
  const base = checker.operand(operand);
  if (base.kind === 'local' || base.kind === 'memory') return memberOf(checker, base, name, at);
  const { kind } = bare(base.type);
  if (kind === 'pointer')
    throw checker.error('PROGRAM_TYPE', at, `${typeToC(base.type)} is a pointer; write ->${name}`);
  return memberOf(checker, checker.keep(base), name, at);
}

/** The member `name` of the record at `base`. */
export function memberOf(checker: Checker, base: Lvalue, name: string, at: Offset): Lvalue {
  const record = recordAt(checker, base.type, name, at);
  const member = findMember(record, name);
  if (!member) {
    const near = nearestNames(name, memberNames(record), 3);
    throw checker.error('PROGRAM_TYPE', at, `${typeToC(record)} has no member '${name}'${didYouMean(near)}`);
  }
  const type = isConst(base.type) ? constOf(member.type) : member.type;
  if (member.bitWidth === 0)
    return { ...base, type, offset: base.offset + member.bitOffset / 8, bits: undefined, at };
  const { offset, bits } = bitFieldAt(checker, record, member, at);
  return { ...base, type, offset: base.offset + offset, bits, at };
}

function recordAt(checker: Checker, type: CType, name: string, at: Offset): RecordType {
  const plain = bare(type);
  if (plain.kind === 'pointer')
    throw checker.error('PROGRAM_TYPE', at, `${typeToC(type)} is a pointer; write ->${name}`);
  if (plain.kind !== 'struct' && plain.kind !== 'union')
    throw checker.error('PROGRAM_TYPE', at, `${typeToC(type)} has no members, so no '${name}'`);
  if (plain.sizeBytes === undefined)
    throw checker.error('PROGRAM_TYPE', at, `this kernel's BTF does not say what is in ${typeToC(plain)}`);
  return plain;
}

/** The smallest aligned unit of 1, 2, 4 or 8 bytes that holds the bits: what is read and written as one. */
function bitFieldAt(
  checker: Checker,
  record: RecordType,
  { bitOffset, bitWidth }: { readonly bitOffset: number; readonly bitWidth: number },
  at: Offset,
): { readonly offset: number; readonly bits: BitField } {
  for (const unitBytes of [1, 2, 4, 8] as const) {
    const start = Math.floor(bitOffset / (unitBytes * 8)) * unitBytes;
    const shift = bitOffset - start * 8;
    if (shift + bitWidth > unitBytes * 8) continue;
    const alignment = alignmentOf(record);
    const aligned = unitBytes <= alignment.bytes || (alignment.unaligned && unitBytes === 1);
    return { offset: start, bits: { unitBytes, shift, width: bitWidth, aligned } };
  }
  throw checker.error(
    'PROGRAM_UNSUPPORTED',
    at,
    `this bit field lies across two words of ${typeToC(record)}`,
  );
}

/** `a[i]` (C11 6.5.2.1): `*(a + i)`, whichever of the two is the pointer. */
export function checkIndex(checker: Checker, { operand, index, at }: Of<'index'>): Lvalue {
  const left = checker.check(operand);
  const right = checker.check(index);
  const sum = checkArithmetic(checker, { operator: '+', left, right, at });
  return dereference(checker, sum, at);
}

/** Where a path such as `a.b[3]` leads in `type`: the offset in bytes and the type there (C11 7.19). */
export function followPath(
  checker: Checker,
  type: CType,
  path: readonly Designator[],
): { readonly offset: number; readonly type: CType } {
  let offset = 0;
  let current = type;
  for (const designator of path) {
    if (designator.kind === 'member') {
      const record = recordAt(checker, current, designator.name, designator.at);
      const nowhere: Lvalue = lvalueAtZero(checker, record, designator.at);
      const lvalue = memberOf(checker, nowhere, designator.name, designator.at);
      if (lvalue.bits)
        throw checker.error('PROGRAM_TYPE', designator.at, `'${designator.name}' is a bit field: no address`);
      offset += lvalue.offset;
      current = lvalue.type;
    } else {
      const element = elementOf(current);
      if (!element) throw checker.error('PROGRAM_TYPE', designator.at, `${typeToC(current)} has no elements`);
      offset += Number(checker.constant(designator.index, 'the index')) * (sizeOf(element) ?? 0);
      current = element;
    }
  }
  return { offset, type: current };
}

function lvalueAtZero(checker: Checker, type: CType, at: Offset): Lvalue {
  const address = checker.number(0n, at);
  return { kind: 'memory', type, address, offset: 0, bits: undefined, at };
}

/** `container_of(pointer, type, member)`: the record whose member `pointer` points to. */
export function checkContainerOf(checker: Checker, expression: Of<'container-of'>): TypedExpression {
  const { path, at } = expression;
  const type = checker.typeName(expression.type);
  const pointer = checker.check(expression.pointer);
  if (bare(pointer.type).kind !== 'pointer')
    throw checker.error('PROGRAM_TYPE', at, `container_of takes a pointer, not ${typeToC(pointer.type)}`);
  const { offset } = followPath(checker, type, path);
  const member = dereference(checker, { ...pointer, type: pointerTo(type) }, at);
  const moved = moveLvalue(member, -BigInt(offset));
  if (!moved) throw checker.error('PROGRAM_TYPE', at, `${offset} bytes before a variable there is nothing`);
  return referenceTo(moved, type, at);
}
