import type { BtfEnumerator } from '../btf/index.ts';
import type { Member } from './members.ts';

/** Where a type is defined: its number in BTF, or one below 0 where the program defines it. */
export type DefinitionId = number;

/** `void`. */
export interface VoidType {
  readonly kind: 'void';
}

/** An integer type, `_Bool` included: it has size 1, is unsigned, and converting to it asks "is it zero?". */
export interface IntType {
  readonly kind: 'int';
  /** As C spells it: `unsigned int`. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly signed: boolean;
  readonly isBool: boolean;
}

/** An enumeration. */
export interface EnumType {
  readonly kind: 'enum';
  readonly name: string;
  readonly sizeBytes: number;
  readonly signed: boolean;
  readonly id: DefinitionId;
  readonly enumerators: () => readonly BtfEnumerator[];
}

/** A pointer: 8 bytes on every CPU that farcall knows. */
export interface PointerType {
  readonly kind: 'pointer';
  readonly to: CType;
}

/** An array; `count` 0 is a flexible one. */
export interface ArrayType {
  readonly kind: 'array';
  readonly of: CType;
  readonly count: number;
}

/** A structure or union. `sizeBytes` is undefined where only its name is known. */
export interface RecordType {
  readonly kind: 'struct' | 'union';
  readonly name: string;
  readonly sizeBytes: number | undefined;
  /** Of a structure that a program defined; BTF tells none. */
  readonly alignmentBytes?: number;
  readonly id: DefinitionId;
  /** Ask `recordMembers`, which keeps the answer. */
  readonly members: () => readonly Member[];
}

/** One parameter of a function. */
export interface ParamType {
  readonly name: string;
  readonly type: CType;
}

/** A function. */
export interface FunctionType {
  readonly kind: 'function';
  readonly result: CType;
  readonly params: readonly ParamType[];
  readonly variadic: boolean;
}

/** A floating type: the kernel has some in its types; call programs have none. */
export interface FloatType {
  readonly kind: 'float';
  readonly name: string;
  readonly sizeBytes: number;
}

/** Another name for a type; kept, because people know `pid_t` and not its integer. */
export interface TypedefType {
  readonly kind: 'typedef';
  readonly name: string;
  readonly to: CType;
}

/** `const` or `volatile`. */
export interface QualifiedType {
  readonly kind: 'qualified';
  readonly qualifier: 'const' | 'volatile';
  readonly of: CType;
}

/** A type of C, as BTF and call programs know it. */
export type CType =
  | VoidType
  | IntType
  | EnumType
  | PointerType
  | ArrayType
  | RecordType
  | FunctionType
  | FloatType
  | TypedefType
  | QualifiedType;

/** A type without the names and qualifiers around it. */
export type BareType = Exclude<CType, TypedefType | QualifiedType>;

/** What is under typedefs and qualifiers. */
export function bare(type: CType): BareType {
  let at = type;
  for (;;) {
    if (at.kind === 'typedef') at = at.to;
    else if (at.kind === 'qualified') at = at.of;
    else return at;
  }
}

/** Whether `const` stands on the type itself, also below a typedef. */
export function isConst(type: CType): boolean {
  return isQualified(type, 'const');
}

/** Whether `volatile` stands on the type itself, also below a typedef. */
export function isVolatile(type: CType): boolean {
  return isQualified(type, 'volatile');
}

function isQualified(type: CType, qualifier: QualifiedType['qualifier']): boolean {
  for (let at = type; ; ) {
    if (at.kind === 'typedef') at = at.to;
    else if (at.kind !== 'qualified') return false;
    else if (at.qualifier === qualifier) return true;
    else at = at.of;
  }
}

/** An integer type by its C name; `long` has 8 bytes on every 64-bit Linux. */
function int(name: string, sizeBytes: number, signed: boolean, isBool = false): IntType {
  return { kind: 'int', name, sizeBytes, signed, isBool };
}

/** The types that C itself names; but what `char` is, signed or not, `BtfTypes.char` says. */
export const BASIC = {
  void: { kind: 'void' } as VoidType,
  bool: int('_Bool', 1, false, true),
  schar: int('signed char', 1, true),
  uchar: int('unsigned char', 1, false),
  short: int('short', 2, true),
  ushort: int('unsigned short', 2, false),
  int: int('int', 4, true),
  uint: int('unsigned int', 4, false),
  long: int('long', 8, true),
  ulong: int('unsigned long', 8, false),
  llong: int('long long', 8, true),
  ullong: int('unsigned long long', 8, false),
  int128: int('__int128', 16, true),
  uint128: int('unsigned __int128', 16, false),
} as const;

/** A pointer to `to`. */
export function pointerTo(to: CType): PointerType {
  return { kind: 'pointer', to };
}

/** `type` as const. */
export function constOf(type: CType): CType {
  return isConst(type) ? type : { kind: 'qualified', qualifier: 'const', of: type };
}

/** `type` as volatile. */
export function volatileOf(type: CType): CType {
  return isVolatile(type) ? type : { kind: 'qualified', qualifier: 'volatile', of: type };
}

/** Whether a value of the type is an integer: integers, enumerations, `_Bool`. */
export function isInteger(type: CType): boolean {
  const { kind } = bare(type);
  return kind === 'int' || kind === 'enum';
}

/**
 * Size of a value of the type in bytes; undefined for void, functions and types of which only the name is
 * known.
 */
export function sizeOf(type: CType): number | undefined {
  const plain = bare(type);
  switch (plain.kind) {
    case 'void':
    case 'function':
      return undefined;
    case 'pointer':
      return 8;
    case 'array': {
      const element = sizeOf(plain.of);
      return element === undefined ? undefined : element * plain.count;
    }
    default:
      return plain.sizeBytes;
  }
}
