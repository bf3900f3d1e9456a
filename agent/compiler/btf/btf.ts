import { FarcallError } from '../../../shared/errors/index.ts';
import { indexTypes, type TypeIndex } from './index-types.ts';
import { BTF_KIND, type BtfKind } from './kinds.ts';
import { NameIndex } from './name-index.ts';
import { StringIndex } from './string-index.ts';

/** A type's number in a {@link Btf}; 0 is void. In split BTF the numbers go on from those of the base. */
export type TypeId = number;

/** A member of a structure or union. */
export interface BtfMember {
  /** Empty for anonymous members. */
  readonly name: string;
  readonly type: TypeId;
  readonly bitOffset: number;
  /** Width of a bit field; 0 where the member is none. */
  readonly bitWidth: number;
}

/** An enumerator. */
export interface BtfEnumerator {
  readonly name: string;
  readonly value: bigint;
}

/** A parameter of a function prototype; the last one of a variadic prototype has type 0 and no name. */
export interface BtfParam {
  readonly name: string;
  readonly type: TypeId;
}

const HEADER_SIZE_BYTES = 24;
const BTF_MAGIC = 0xeb9f;
/** Larger than any kernel's BTF (5.5 MB); keeps every offset below 2^31. */
const BTF_LIMIT_BYTES = 256 << 20;
/** Caches are for the warm path of an agent; a stream of unknown names must not grow them forever. */
const CACHE_LIMIT = 4096;
/**
 * So many strings are searched for, a millisecond each, before an index is built, which takes some twenty.
 */
const SEARCHES_BEFORE_INDEX = 64;
const EMPTY: readonly TypeId[] = [];

/**
 * The types of a kernel or of one of its modules, read in place from the bytes of /sys/kernel/btf/<name>.
 *
 * Opening walks the types once (a few milliseconds) and keeps one offset each; names, members and prototypes
 * are read from the bytes when asked for. Format: Documentation/bpf/btf.rst, v6.12.
 *
 *     u16 magic; u8 version; u8 flags; u32 hdr_len; u32 type_off; u32 type_len; u32 str_off; u32 str_len;
 */
export class Btf {
  /** First id of this blob: 1, or in split BTF the number of ids of the base. */
  readonly firstId: TypeId;
  /** One past the last id. */
  readonly endId: TypeId;

  readonly #base: Btf | undefined;
  readonly #bytes: Buffer;
  readonly #words: Uint32Array;
  readonly #types: TypeIndex;
  readonly #stringsStart: number;
  readonly #stringsEnd: number;
  /** Size of the strings before ours: those of the base in split BTF. */
  readonly #stringsBase: number;
  readonly #names: NameIndex;
  #searches = 0;
  #strings: StringIndex | undefined;
  readonly #nameCache = new Map<string, readonly TypeId[]>();
  readonly #offsetCache = new Map<string, number | undefined>();

  /** Throws BTF_INVALID where the bytes are not BTF of a little-endian machine. */
  constructor(blob: Uint8Array, base?: Btf) {
    this.#base = base;
    this.#bytes = alignedBuffer(blob);
    const sections = readHeader(this.#bytes, base !== undefined);
    this.#words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length >> 2);
    this.#types = indexTypes(this.#words, sections.typesStart, sections.typesEnd);
    const [bytes, words, types] = [this.#bytes, this.#words, this.#types];
    this.#names = new NameIndex({ bytes, words, types, typesEnd: sections.typesEnd });
    this.#stringsStart = sections.stringsStart;
    this.#stringsEnd = sections.stringsEnd;
    this.#stringsBase = base ? base.#stringsBase + base.#stringsEnd - base.#stringsStart : 0;
    this.firstId = base ? base.endId : 1;
    this.endId = this.firstId + this.#types.count;
  }

  /** The bytes that this was made from. */
  get blob(): Uint8Array {
    return this.#bytes;
  }

  /** What kind of type `id` is. */
  kind(id: TypeId): BtfKind {
    if (id === 0) return BTF_KIND.VOID;
    return ((this.#info(id) >>> 24) & 0x1f) as BtfKind;
  }

  /** The type's name; empty for anonymous ones. */
  name(id: TypeId): string {
    if (id === 0) return 'void';
    if (id < this.firstId) return this.#owner(id).name(id);
    return this.#string(this.#words[this.#at(id) >> 2]!);
  }

  /** Size in bytes of an INT, STRUCT, UNION, ENUM, FLOAT or DATASEC. */
  size(id: TypeId): number {
    return this.#word(id, 2);
  }

  /**
   * The type that a PTR, TYPEDEF, qualifier, FUNC, VAR or tag refers to, or the result type of a FUNC_PROTO.
   */
  target(id: TypeId): TypeId {
    return this.#word(id, 2);
  }

  /** The kind_flag: a signed ENUM, a union FWD, or a structure whose members may be bit fields. */
  kindFlag(id: TypeId): boolean {
    return this.#info(id) >>> 31 === 1;
  }

  /** Whether and how an INT is signed, a char or a bool, its bits and its offset. */
  intEncoding(id: TypeId): { readonly signed: boolean; readonly isBool: boolean; readonly bits: number } {
    this.#mustBe(id, BTF_KIND.INT);
    const word = this.#word(id, 3);
    // |31..28|27..24 encoding: 1 signed, 2 char, 4 bool|23..16 offset|15..8|7..0 bits|
    return { signed: ((word >>> 24) & 1) !== 0, isBool: ((word >>> 24) & 4) !== 0, bits: word & 0xff };
  }

  /** Element type and count of an ARRAY. */
  array(id: TypeId): { readonly element: TypeId; readonly count: number } {
    this.#mustBe(id, BTF_KIND.ARRAY);
    return { element: this.#word(id, 3), count: this.#word(id, 5) };
  }

  /** Members of a STRUCT or UNION, in order. */
  members(id: TypeId): BtfMember[] {
    if (id < this.firstId) return this.#owner(id).members(id);
    this.#mustBe(id, BTF_KIND.STRUCT, BTF_KIND.UNION);
    const flagged = this.kindFlag(id);
    const members: BtfMember[] = [];
    for (let index = 0; index < this.#vlen(id); index++) {
      const word = (this.#at(id) >> 2) + 3 + index * 3;
      const offset = this.#words[word + 2]!;
      members.push({
        name: this.#string(this.#words[word]!),
        type: this.#words[word + 1]!,
        // With kind_flag: |31..24 bit field width|23..0 bit offset|
        bitOffset: flagged ? offset & 0xffffff : offset,
        bitWidth: flagged ? offset >>> 24 : 0,
      });
    }
    return members;
  }

  /** Enumerators of an ENUM or ENUM64, in order. */
  enumerators(id: TypeId): BtfEnumerator[] {
    if (id < this.firstId) return this.#owner(id).enumerators(id);
    this.#mustBe(id, BTF_KIND.ENUM, BTF_KIND.ENUM64);
    const wide = this.kind(id) === BTF_KIND.ENUM64;
    const signed = this.kindFlag(id);
    const enumerators: BtfEnumerator[] = [];
    for (let index = 0; index < this.#vlen(id); index++) {
      const word = (this.#at(id) >> 2) + 3 + index * (wide ? 3 : 2);
      const low = BigInt(this.#words[word + 1]!);
      const raw = wide ? low | (BigInt(this.#words[word + 2]!) << 32n) : low;
      const value = signed ? BigInt.asIntN(wide ? 64 : 32, raw) : raw;
      enumerators.push({ name: this.#string(this.#words[word]!), value });
    }
    return enumerators;
  }

  /** Parameters of a FUNC_PROTO, in order. */
  params(id: TypeId): BtfParam[] {
    if (id < this.firstId) return this.#owner(id).params(id);
    this.#mustBe(id, BTF_KIND.FUNC_PROTO);
    const params: BtfParam[] = [];
    for (let index = 0; index < this.#vlen(id); index++) {
      const word = (this.#at(id) >> 2) + 3 + index * 2;
      params.push({ name: this.#string(this.#words[word]!), type: this.#words[word + 1]! });
    }
    return params;
  }

  /** Ids of the types of one of `kinds` that are named exactly `name`, those of the base first. */
  find(name: string, ...kinds: readonly BtfKind[]): TypeId[] {
    const found = this.#named(name).filter(id => kinds.includes(this.kind(id)));
    return this.#base ? [...this.#base.find(name, ...kinds), ...found] : found;
  }

  /** The first enumeration that has an enumerator `name`, and its value. */
  findEnumerator(name: string): { readonly type: TypeId; readonly value: bigint } | undefined {
    const inBase = this.#base?.findEnumerator(name);
    if (inBase) return inBase;
    const nameOffset = this.#stringOffset(name);
    if (nameOffset === undefined) return undefined;
    const index = this.#names.enumeration(nameOffset);
    if (index === undefined) return undefined;
    const id = index + this.firstId;
    return { type: id, value: this.enumerators(id).find(each => each.name === name)!.value };
  }

  /** Calls `visit` with the name of every type of `kind`, without keeping them. */
  forEachName(kind: BtfKind, visit: (name: string, id: TypeId) => void): void {
    this.#base?.forEachName(kind, visit);
    for (let id = this.firstId; id < this.endId; id++) if (this.kind(id) === kind) visit(this.name(id), id);
  }

  #named(name: string): readonly TypeId[] {
    const cached = this.#nameCache.get(name);
    if (cached) return cached;
    const offset = this.#stringOffset(name);
    const ids = offset === undefined ? EMPTY : this.#names.types(offset).map(index => index + this.firstId);
    if (this.#nameCache.size > CACHE_LIMIT) this.#nameCache.clear();
    this.#nameCache.set(name, ids);
    return ids;
  }

  /** Offset of `name` in the strings, as types of this blob refer to it. The strings of a blob are unique. */
  #stringOffset(name: string): number | undefined {
    const own = this.#ownStringOffset(name);
    if (own !== undefined) return own + this.#stringsBase;
    return this.#base ? this.#base.#stringOffset(name) : undefined;
  }

  #ownStringOffset(name: string): number | undefined {
    if (this.#offsetCache.has(name)) return this.#offsetCache.get(name);
    const offset = this.#searchString(name);
    if (this.#offsetCache.size > CACHE_LIMIT) this.#offsetCache.clear();
    this.#offsetCache.set(name, offset);
    return offset;
  }

  /** Reads all strings where there is none: a millisecond or two. */
  #searchString(name: string): number | undefined {
    // Kernels name things in ASCII; of anything else the search would see the low bytes only.
    if (name === '' || /[^ -~]/.test(name)) return undefined;
    if (++this.#searches > SEARCHES_BEFORE_INDEX) {
      this.#strings ??= new StringIndex(this.#bytes, this.#stringsStart, this.#stringsEnd);
      const start = this.#strings.find(name);
      return start === undefined ? undefined : start - this.#stringsStart;
    }
    // No NUL stands before the first string of split BTF.
    if (this.#startsWith(name)) return 0;
    const at = this.#bytes.indexOf(`\0${name}\0`, this.#stringsStart, 'latin1');
    if (at < 0 || at + name.length + 2 > this.#stringsEnd) return undefined;
    return at + 1 - this.#stringsStart;
  }

  #startsWith(name: string): boolean {
    const end = this.#stringsStart + name.length;
    if (end >= this.#stringsEnd || this.#bytes[end] !== 0) return false;
    return this.#bytes.toString('latin1', this.#stringsStart, end) === name;
  }

  #string(offset: number): string {
    if (offset < this.#stringsBase) return this.#base!.#string(offset);
    const start = this.#stringsStart + offset - this.#stringsBase;
    if (start >= this.#stringsEnd)
      throw new FarcallError('BTF_INVALID', `BTF: no string at offset ${offset}`);
    return this.#bytes.toString('latin1', start, this.#bytes.indexOf(0, start));
  }

  /** What follows a type of another kind is something else, or the end of the blob. */
  #mustBe(id: TypeId, ...kinds: readonly BtfKind[]): void {
    const kind = this.kind(id);
    if (!kinds.includes(kind))
      throw new FarcallError(
        'BTF_INVALID',
        `BTF: type ${id} has the kind ${kind}, not ${kinds.join(' or ')}`,
      );
  }

  #info(id: TypeId): number {
    return this.#word(id, 1);
  }

  #vlen(id: TypeId): number {
    return this.#info(id) & 0xffff;
  }

  #word(id: TypeId, index: number): number {
    if (id < this.firstId) return this.#owner(id).#word(id, index);
    return this.#words[(this.#at(id) >> 2) + index]!;
  }

  #owner(id: TypeId): Btf {
    if (!this.#base || id < 1) throw new FarcallError('BTF_INVALID', `BTF: there is no type ${id}`);
    return this.#base;
  }

  #at(id: TypeId): number {
    const at = this.#types.offsets[id - this.firstId];
    if (at === undefined) throw new FarcallError('BTF_INVALID', `BTF: there is no type ${id}`);
    return at;
  }
}

function alignedBuffer(blob: Uint8Array): Buffer {
  if (blob.byteOffset % 4 === 0) return Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  const copy = Buffer.allocUnsafeSlow(blob.length);
  copy.set(blob);
  return copy;
}

interface Sections {
  readonly typesStart: number;
  readonly typesEnd: number;
  readonly stringsStart: number;
  readonly stringsEnd: number;
}

function readHeader(bytes: Buffer, isSplit: boolean): Sections {
  const invalid = (what: string): FarcallError => new FarcallError('BTF_INVALID', `BTF: ${what}`);
  if (bytes.length < HEADER_SIZE_BYTES) throw invalid(`${bytes.length} bytes are no BTF header`);
  if (bytes.length > BTF_LIMIT_BYTES)
    throw invalid(`${bytes.length} bytes are over the limit of ${BTF_LIMIT_BYTES}`);
  if (bytes.readUInt16LE(0) !== BTF_MAGIC) throw invalid('the magic number is missing');
  if (bytes[2] !== 1) throw invalid(`version ${bytes[2]} is unknown here`);
  const headerSize = bytes.readUInt32LE(4);
  const typesStart = headerSize + bytes.readUInt32LE(8);
  const typesEnd = typesStart + bytes.readUInt32LE(12);
  const stringsStart = headerSize + bytes.readUInt32LE(16);
  const stringsEnd = stringsStart + bytes.readUInt32LE(20);
  if (typesStart % 4 !== 0 || typesEnd % 4 !== 0) throw invalid('the types are not aligned');
  if (headerSize < HEADER_SIZE_BYTES || typesEnd > bytes.length || stringsEnd > bytes.length) {
    throw invalid(`the sections run past the end (${bytes.length} bytes)`);
  }
  // A module may find all its names in the strings of the base.
  const noStrings = stringsEnd === stringsStart;
  if (noStrings ? !isSplit : bytes[stringsEnd - 1] !== 0) throw invalid('the strings have no end');
  return { typesStart, typesEnd, stringsStart, stringsEnd };
}
