import { alignmentOf, bare, type CType, isInteger, type Member, sizeOf, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { MemberDeclaration } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { scalarLayout } from '../conversions/index.ts';
import { constantOf } from './check-expression.ts';
import { typeOfName } from './type-name.ts';

/** Largest structure that a program may define, in bytes. */
const RECORD_LIMIT_BYTES = 1 << 30;

/**
 * Where members lie: each on a multiple of its alignment, bit fields within a unit of their type (psABI
 * x86-64, 3.1.2; AAPCS64 too).
 */
export class RecordLayout {
  readonly members: Member[] = [];
  /** Of the records in it by value. */
  depth = 0;
  readonly #context: CheckContext;
  readonly #isUnion: boolean;
  readonly #names = new Set<string>();
  #bits = 0;
  #most = 0;
  #alignment = 1;

  constructor(context: CheckContext, tag: 'struct' | 'union') {
    this.#context = context;
    this.#isUnion = tag === 'union';
  }

  add(member: MemberDeclaration): void {
    const { name, at, width } = member;
    const type = this.#typeOf(member);
    for (const each of name === '' ? namesWithin(type) : [name]) {
      if (this.#names.has(each)) throw this.#error(at, `the member '${each}' is declared twice`);
      this.#names.add(each);
    }
    if (width)
      this.#addBits(member, type, Number(constantOf(this.#context, width, 'the width of a bit field')));
    else this.#addWhole(member, type);
    this.#most = Math.max(this.#most, this.#bits);
    if (this.#isUnion) this.#bits = 0;
    if (this.#most > RECORD_LIMIT_BYTES * 8)
      throw this.#error(at, `the structure is larger than ${RECORD_LIMIT_BYTES} bytes`);
  }

  get alignmentBytes(): number {
    return this.#alignment;
  }

  sizeBytes(at: Offset): number {
    if (!this.#isUnion && this.members.slice(0, -1).some(({ type }) => isFlexible(type)))
      throw this.#error(at, 'only the last member of a structure can be an array without a count');
    return Math.ceil(this.#most / 8 / this.#alignment) * this.#alignment;
  }

  #typeOf({ type: name, at, width }: MemberDeclaration): CType {
    const type = typeOfName(this.#context, name);
    const plain = bare(type);
    if (plain.kind === 'function' || sizeOf(type) === undefined)
      throw this.#error(at, `a member cannot be ${typeToC(type)}, which has no size`);
    if (width && !(isInteger(type) && scalarLayout(type)))
      throw this.#error(at, `a bit field must be an integer, not ${typeToC(type)}`);
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
    if (name !== '' || this.#context.names.unnamedBitFieldsAlign)
      this.#alignment = Math.max(this.#alignment, layout.sizeBytes);
    if (name !== '') this.members.push({ name, type, bitOffset: this.#bits, bitWidth: width });
    this.#bits += width;
  }

  #depthOf(type: CType): number {
    const plain = bare(type);
    if (plain.kind === 'array') return this.#depthOf(plain.of);
    return plain.kind === 'struct' || plain.kind === 'union' ? this.#context.definitions.depthOf(plain) : 0;
  }

  #error(at: Offset, message: string): Error {
    return this.#context.diagnostics.typeError(at, message);
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
