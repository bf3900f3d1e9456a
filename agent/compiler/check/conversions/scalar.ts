import { BASIC, bare, type CType, type EnumType, type IntType } from '../../ctype/index.ts';
import type { TypedExpression } from '../tree/index.ts';

/** Width and sign of a scalar type: what its values look like in a 64-bit register. */
export interface ScalarLayout {
  readonly sizeBytes: number;
  readonly signed: boolean;
  readonly isBool: boolean;
}

/** The layout of an integer, enumeration or pointer; undefined for everything else. */
export function scalarLayout(type: CType): ScalarLayout | undefined {
  const plain = bare(type);
  switch (plain.kind) {
    case 'int':
      return plain.sizeBytes > 8 ? undefined : plain;
    case 'enum':
      return { sizeBytes: plain.sizeBytes, signed: plain.signed, isBool: false };
    case 'pointer':
      return { sizeBytes: 8, signed: false, isBool: false };
    default:
      return undefined;
  }
}

/**
 * `value` as a value of the layout: conversion as C11 6.3.1.3 has it, with the modulo rule for signed types
 * too.
 */
export function wrapInteger(value: bigint, { sizeBytes, signed, isBool }: ScalarLayout): bigint {
  if (isBool) return value === 0n ? 0n : 1n;
  return signed ? BigInt.asIntN(sizeBytes * 8, value) : BigInt.asUintN(sizeBytes * 8, value);
}

/**
 * The type that integer promotion gives (C11 6.3.1.1): `int` for everything narrower, enumerations by their
 * size.
 */
export function promoted(type: CType): CType {
  const plain = bare(type);
  if (plain.kind === 'enum') return enumInteger(plain);
  if (plain.kind !== 'int') return type;
  return plain.sizeBytes < 4 ? BASIC.int : plain;
}

/** The integer type that stands for an enumeration in arithmetic. */
function enumInteger({ sizeBytes, signed }: EnumType): IntType {
  if (sizeBytes > 4) return signed ? BASIC.long : BASIC.ulong;
  if (sizeBytes < 4 || signed) return BASIC.int;
  return BASIC.uint;
}

/** The common type of two integers: usual arithmetic conversions (C11 6.3.1.8). */
export function commonType(left: CType, right: CType): CType {
  const a = bare(promoted(left)) as IntType;
  const b = bare(promoted(right)) as IntType;
  const wider = rank(a) >= rank(b) ? a : b;
  const other = wider === a ? b : a;
  if (wider.signed === other.signed || !wider.signed) return wider;
  // The wider is signed and the other is not: signed only if it can hold every value of the other.
  return wider.sizeBytes > other.sizeBytes ? wider : unsignedOf(wider);
}

function rank({ name, sizeBytes }: IntType): number {
  return sizeBytes * 2 + (name.includes('long long') ? 1 : 0);
}

function unsignedOf({ name, sizeBytes }: IntType): IntType {
  if (sizeBytes === 4) return BASIC.uint;
  return name.includes('long long') ? BASIC.ullong : BASIC.ulong;
}

/** Whether an operator on values of this type works on signed numbers. */
export function isSignedOperation({ type }: TypedExpression): boolean {
  return scalarLayout(type)?.signed ?? false;
}
