import {
  alignmentOf,
  bare,
  type CType,
  isInteger,
  type Member,
  type RecordType,
  sizeOf,
  typeToC,
} from '../ctype/index.ts';
import type { EnumeratorDeclaration, MemberDeclaration, Offset, TypeBase } from '../program/index.ts';
import type { Checker } from './checker.ts';
import { convertTo } from './convert.ts';
import { enumeratorType } from './kernel-names.ts';
import { scalarLayout } from './scalar.ts';

type RecordDefinition = Extract<TypeBase, { kind: 'record' }>;
type EnumDefinition = Extract<TypeBase, { kind: 'enumeration' }>;

/** Largest structure that a program may define, in bytes. */
const RECORD_LIMIT_BYTES = 1 << 30;

/** Structures within each other by value: later stages recurse, and no kernel has half as many. */
const DEPTH_LIMIT = 16;

/** A record while its members are read: they may point to it. */
type OpenRecord = { -readonly [K in keyof RecordType]: RecordType[K] };

/** A structure, union or enumeration that the program defines; each definition makes one type, however often it is asked. */
export function definedType(checker: Checker, definition: RecordDefinition | EnumDefinition): CType {
  const known = checker.definitions.made.get(definition);
  if (known) return known;
  if (definition.kind === 'record') return defineRecord(checker, definition);
  const type = defineEnum(checker, definition);
  checker.definitions.made.set(definition, type);
  if (definition.name !== '') declareTag(checker, definition, type);
  return type;
}

/** `struct name;`: a type that is defined later, unless this kernel has one. */
export function declareRecord(checker: Checker, { tag, name }: Extract<TypeBase, { kind: 'tag' }>): void {
  if (tag === 'enum' || checker.scope.tagInBlock(name) || checker.names.tagged(tag, name)) return;
  checker.scope.declareTag(name, openRecord(checker, tag, name));
}

function openRecord(checker: Checker, kind: 'struct' | 'union', name: string): OpenRecord {
  return { kind, name, sizeBytes: undefined, id: checker.definitions.newId(), members: () => [] };
}

function defineRecord(checker: Checker, definition: RecordDefinition): CType {
  const { tag, name, at } = definition;
  const declared = name === '' ? undefined : (checker.scope.tagInBlock(name) as OpenRecord | undefined);
  const isOpen =
    declared?.kind === tag && declared.sizeBytes === undefined && !checker.definitions.isOpen(declared);
  const record = isOpen ? declared : openRecord(checker, tag, name);
  if (name !== '' && !isOpen) declareTag(checker, definition, record);
  checker.definitions.made.set(definition, record);
  const layout = new RecordLayout(checker, tag);
  checker.definitions.whileOpen(record, () => {
    for (const member of definition.members) layout.add(member);
  });
  record.members = () => layout.members;
  record.sizeBytes = layout.sizeBytes(at);
  record.alignmentBytes = layout.alignmentBytes;
  checker.definitions.setDepth(record, layout.depth + 1);
  if (layout.depth >= DEPTH_LIMIT)
    throw checker.error('PROGRAM_TYPE', at, `more than ${DEPTH_LIMIT} structures within each other`);
  return record;
}

function declareTag(checker: Checker, { name, at }: RecordDefinition | EnumDefinition, type: CType): void {
  if (checker.scope.tagInBlock(name)) throw checker.error('PROGRAM_TYPE', at, `'${name}' is defined twice`);
  const { kind } = bare(type);
  if (checker.names.tagged(kind as 'struct' | 'union' | 'enum', name))
    checker.warn(at, `this hides the kernel's own ${kind} ${name}`);
  checker.scope.declareTag(name, type);
}

/** Where members lie: each on a multiple of its alignment, bit fields within a unit of their type (psABI x86-64, 3.1.2; AAPCS64 too). */
class RecordLayout {
  readonly members: Member[] = [];
  /** Of the records in it by value. */
  depth = 0;
  readonly #checker: Checker;
  readonly #isUnion: boolean;
  readonly #names = new Set<string>();
  #bits = 0;
  #most = 0;
  #alignment = 1;

  constructor(checker: Checker, tag: 'struct' | 'union') {
    this.#checker = checker;
    this.#isUnion = tag === 'union';
  }

  add(member: MemberDeclaration): void {
    const { name, at, width } = member;
    const type = this.#typeOf(member);
    for (const each of name === '' ? namesWithin(type) : [name]) {
      if (this.#names.has(each)) throw this.#error(at, `the member '${each}' is there twice`);
      this.#names.add(each);
    }
    if (width) this.#addBits(member, type, Number(this.#checker.constant(width, 'the width of a bit field')));
    else this.#addWhole(member, type);
    this.#most = Math.max(this.#most, this.#bits);
    if (this.#isUnion) this.#bits = 0;
    if (this.#most > RECORD_LIMIT_BYTES * 8) throw this.#error(at, 'the structure is too large');
  }

  get alignmentBytes(): number {
    return this.#alignment;
  }

  sizeBytes(at: Offset): number {
    if (!this.#isUnion && this.members.slice(0, -1).some(({ type }) => isFlexible(type)))
      throw this.#error(at, 'only the last member of a structure is an array without a count');
    return Math.ceil(this.#most / 8 / this.#alignment) * this.#alignment;
  }

  #typeOf({ type: name, at, width }: MemberDeclaration): CType {
    const type = this.#checker.typeName(name);
    const plain = bare(type);
    if (plain.kind === 'function' || sizeOf(type) === undefined)
      throw this.#error(at, `a member cannot be ${typeToC(type)}, which has no size`);
    if (width && !(isInteger(type) && scalarLayout(type)))
      throw this.#error(at, `a bit field is an integer, not ${typeToC(type)}`);
    return type;
  }

  #addWhole({ name, at }: MemberDeclaration, type: CType): void {
    const { kind } = bare(type);
    if (name === '' && kind !== 'struct' && kind !== 'union') {
      if (kind !== 'enum') throw this.#error(at, `a member of type ${typeToC(type)} has no name`);
      return;
    }
    const alignment = alignmentOf(type).bytes;
    this.#alignment = Math.max(this.#alignment, alignment);
    this.#bits = roundUp(this.#bits, alignment * 8);
    this.members.push({ name, type, bitOffset: this.#bits, bitWidth: 0 });
    this.#bits += (sizeOf(type) ?? 0) * 8;
    this.depth = Math.max(this.depth, this.#depthOf(type));
  }

  #addBits({ name, at }: MemberDeclaration, type: CType, width: number): void {
    const layout = scalarLayout(type)!;
    const unit = layout.sizeBytes * 8;
    const most = layout.isBool ? 1 : unit;
    if (width < 0 || width > most || (width === 0 && name !== ''))
      throw this.#error(at, `a bit field of type ${typeToC(type)} has 1 to ${most} bits, not ${width}`);
    if (width === 0 || Math.floor(this.#bits / unit) !== Math.floor((this.#bits + width - 1) / unit))
      this.#bits = roundUp(this.#bits, unit);
    if (name !== '' || this.#checker.names.unnamedBitFieldsAlign)
      this.#alignment = Math.max(this.#alignment, layout.sizeBytes);
    if (name !== '') this.members.push({ name, type, bitOffset: this.#bits, bitWidth: width });
    this.#bits += width;
  }

  #depthOf(type: CType): number {
    const plain = bare(type);
    if (plain.kind === 'array') return this.#depthOf(plain.of);
    return plain.kind === 'struct' || plain.kind === 'union' ? this.#checker.definitions.depthOf(plain) : 0;
  }

  #error(at: Offset, message: string): Error {
    return this.#checker.error('PROGRAM_TYPE', at, message);
  }
}

function namesWithin(type: CType): string[] {
  const plain = bare(type);
  if (plain.kind !== 'struct' && plain.kind !== 'union') return [];
  return plain.members().flatMap(({ name, type }) => (name === '' ? namesWithin(type) : [name]));
}

function isFlexible(type: CType): boolean {
  const plain = bare(type);
  return plain.kind === 'array' && plain.count === 0;
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** C11 6.7.2.2; an enumeration is unsigned where no enumerator is negative, and as wide as they ask, as gcc has it. */
function defineEnum(checker: Checker, { name, enumerators }: EnumDefinition): CType {
  const made: { readonly name: string; readonly value: bigint }[] = [];
  let [next, least, most] = [0n, 0n, 0n];
  for (const each of enumerators) {
    const value = each.value ? checker.constant(each.value, 'the value of an enumerator') : next;
    declareEnumerator(checker, each, value);
    made.push({ name: each.name, value });
    if (value < least) least = value;
    if (value > most) most = value;
    next = value + 1n;
  }
  const signed = least < 0n;
  const fits = signed
    ? BigInt.asIntN(32, least) === least && BigInt.asIntN(32, most) === most
    : most < 1n << 32n;
  return {
    kind: 'enum',
    name,
    sizeBytes: fits ? 4 : 8,
    signed,
    id: checker.definitions.newId(),
    enumerators: () => made,
  };
}

function declareEnumerator(checker: Checker, { name, at }: EnumeratorDeclaration, value: bigint): void {
  const type = enumeratorType(value);
  const constant = convertTo(type, { kind: 'constant', type, value, at });
  if (constant.kind !== 'constant' || constant.value !== value)
    throw checker.error('PROGRAM_TYPE', at, `${value} is more than 64 bits hold`);
  if (!checker.scope.declare(name, { kind: 'enumerator', type, value }))
    throw checker.error('PROGRAM_TYPE', at, `'${name}' is declared twice`);
}
