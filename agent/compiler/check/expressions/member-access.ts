import { BASIC, bare, type CType, pointerTo, sizeOf, typeToC } from '../../ctype/index.ts';
import type { Designator, Expression } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import {
  checkArithmetic,
  dereference,
  elementOf,
  keepInVariable,
  memberOf,
  moveLvalue,
  referenceTo,
} from '../operators/index.ts';
import { isLvalue, type Lvalue, longConstant, type TypedExpression } from '../tree/index.ts';
import { checkOperand, checkValue, constantOf } from './check-expression.ts';
import { typeOfName } from './type-name.ts';

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** `a.b` and `a->b` (C11 6.5.2.3). */
export function checkMember(context: CheckContext, expression: Of<'member'>): Lvalue {
  const { operand, name, arrow, at } = expression;
  if (arrow) {
    const pointer = checkValue(context, operand);
    const { kind } = bare(pointer.type);
    if (kind === 'struct' || kind === 'union')
      throw context.diagnostics.typeError(at, `${typeToC(pointer.type)} is not a pointer; write .${name}`);
    return memberOf(context, dereference(context, pointer, at), name, at);
  }
  const base = checkOperand(context, operand);
  if (isLvalue(base)) return memberOf(context, base, name, at);
  if (bare(base.type).kind === 'pointer')
    throw context.diagnostics.typeError(at, `${typeToC(base.type)} is a pointer; write ->${name}`);
  return memberOf(context, keepInVariable(context, base), name, at);
}

/** `a[i]` (C11 6.5.2.1): `*(a + i)`, whichever of the two is the pointer. */
export function checkIndex(context: CheckContext, { operand, index, at }: Of<'index'>): Lvalue {
  const left = checkValue(context, operand);
  const right = checkValue(context, index);
  const sum = checkArithmetic(context, { operator: '+', left, right, at });
  return dereference(context, sum, at);
}

/** The offset in bytes to which a path such as `a.b[3]` leads within `type` (C11 7.19). */
export function offsetOfPath(context: CheckContext, type: CType, path: readonly Designator[]): number {
  const { diagnostics } = context;
  let offset = 0;
  let current = type;
  for (const designator of path) {
    const { at } = designator;
    if (designator.kind === 'member') {
      const { name } = designator;
      const address = longConstant(0n, at);
      const record: Lvalue = { kind: 'memory', type: current, address, offset: 0, bits: undefined, at };
      const member = memberOf(context, record, name, at);
      if (member.bits) throw diagnostics.typeError(at, `'${name}' is a bit field, which has no address`);
      offset += member.offset;
      current = member.type;
    } else {
      const element = elementOf(current);
      if (!element) throw diagnostics.typeError(at, `${typeToC(current)} has no elements`);
      offset += Number(constantOf(context, designator.index, 'the index')) * (sizeOf(element) ?? 0);
      current = element;
    }
  }
  return offset;
}

/** `offsetof(type, member)`. */
export function checkOffsetof(context: CheckContext, { type, path, at }: Of<'offsetof'>): TypedExpression {
  const offset = offsetOfPath(context, typeOfName(context, type), path);
  return { kind: 'constant', type: BASIC.ulong, value: BigInt(offset), at };
}

/** `container_of(pointer, type, member)`: the record whose member `pointer` points to. */
export function checkContainerOf(context: CheckContext, expression: Of<'container-of'>): TypedExpression {
  const { path, at } = expression;
  const type = typeOfName(context, expression.type);
  const pointer = checkValue(context, expression.pointer);
  if (bare(pointer.type).kind !== 'pointer')
    throw context.diagnostics.typeError(at, `container_of takes a pointer, not ${typeToC(pointer.type)}`);
  const offset = offsetOfPath(context, type, path);
  const member = dereference(context, { ...pointer, type: pointerTo(type) }, at);
  const moved = moveLvalue(member, -BigInt(offset));
  if (moved) return referenceTo(moved, type, at);
  const message = `container_of reaches ${offset} bytes back, to before the start of the variable`;
  throw context.diagnostics.typeError(at, message);
}
