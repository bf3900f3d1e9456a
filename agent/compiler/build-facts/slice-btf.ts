import type { BtfSlice } from '../../../shared/messages/index.ts';
import { BTF_KIND, type Btf, type TypeId } from '../btf/index.ts';
import { ByteWriter } from '../bytes/index.ts';
import type { RecordedTypes } from './recording-btf.ts';

/** Replaces a type that others refer to and the compiler never read: a FWD without a name. */
const PLACEHOLDER = { nameOffset: 0, info: BTF_KIND.FWD << 24, sizeOrType: 0 };

/** The slice of a kernel's BTF, and how to go on with those of its modules. */
export interface SliceContext {
  /** New number of each old one. */
  readonly numbers: ReadonlyMap<TypeId, TypeId>;
  readonly strings: ReadonlyMap<string, number>;
  readonly stringsBytes: number;
}

/** Before anything of a kernel. */
export const NO_BASE: SliceContext = { numbers: new Map(), strings: new Map(), stringsBytes: 0 };

/** Old numbers of all types that the touched types of `btf` name. */
export function referencedTypes(btf: Btf, recorded: RecordedTypes): Set<TypeId> {
  const referenced = new Set<TypeId>();
  for (const [id, { inside }] of recorded)
    for (const each of referencesOf(btf, id, inside)) referenced.add(each);
  referenced.delete(0);
  return referenced;
}

/**
 * A BTF of the touched types alone, in their order: who compiles over it what was compiled over all finds the
 * same. Types that are only referred to are kept as placeholders, because two of them must not become one.
 * What is inside a type that was looked at from outside only (members, enumerators, parameters) is left away.
 */
export function sliceBtf(
  btf: Btf,
  recorded: RecordedTypes,
  { referenced, base }: { readonly referenced: ReadonlySet<TypeId>; readonly base: SliceContext },
): { readonly slice: BtfSlice; readonly context: SliceContext } {
  const own = [...new Set([...recorded.keys(), ...referenced])].filter(id => id >= btf.firstId);
  const ids = own.sort((a, b) => a - b);
  const numbers = new Map(base.numbers);
  for (const id of ids) numbers.set(id, numbers.size + 1);
  const strings = new Strings(base);
  const writer = new ByteWriter();
  const number = (id: TypeId): number => numbers.get(id) ?? 0;
  for (const id of ids) {
    const look = recorded.get(id);
    if (look) writeType(writer, { btf, id, inside: look.inside, number, strings });
    else writeHead(writer, PLACEHOLDER);
  }
  const slice = { btf: wholeBtf(writer.finish(), strings.bytes()), ids };
  return {
    slice,
    context: { numbers, strings: strings.all, stringsBytes: base.stringsBytes + strings.bytes().length },
  };
}

interface TypeToWrite {
  readonly btf: Btf;
  readonly id: TypeId;
  readonly inside: boolean;
  readonly number: (id: TypeId) => number;
  readonly strings: Strings;
}

function writeType(writer: ByteWriter, type: TypeToWrite): void {
  const { btf, id, inside, number, strings } = type;
  const kind = btf.kind(id);
  const refers = REFERRING.has(kind);
  const parts = inside ? partsOf(btf, id) : [];
  writeHead(writer, {
    nameOffset: strings.offset(btf.name(id)),
    info: ((btf.kindFlag(id) ? 1 : 0) << 31) | (kind << 24) | parts.length,
    sizeOrType: refers ? number(btf.target(id)) : btf.size(id),
  });
  for (const part of parts) {
    writer.u32(strings.offset(part.name));
    for (const word of part.words) writer.u32(word >>> 0);
    if (part.type !== undefined) writer.u32(number(part.type));
    if (part.offset !== undefined) writer.u32(part.offset >>> 0);
  }
  for (const word of fixedWords(btf, id, number)) writer.u32(word >>> 0);
}

/** What follows the head of a type whatever its members (BTF_KIND_EXTRA). */
function fixedWords(btf: Btf, id: TypeId, number: (id: TypeId) => number): number[] {
  switch (btf.kind(id)) {
    case BTF_KIND.INT: {
      const { signed, isBool, bits } = btf.intEncoding(id);
      return [(((signed ? 1 : 0) | (isBool ? 4 : 0)) << 24) | bits];
    }
    case BTF_KIND.ARRAY: {
      const { element, count } = btf.array(id);
      return [number(element), 0, count];
    }
    case BTF_KIND.VAR:
    case BTF_KIND.DECL_TAG:
      return [0];
    default:
      return [];
  }
}

interface Part {
  readonly name: string;
  readonly words: readonly number[];
  readonly type?: TypeId;
  readonly offset?: number;
}

function partsOf(btf: Btf, id: TypeId): Part[] {
  switch (btf.kind(id)) {
    case BTF_KIND.STRUCT:
    case BTF_KIND.UNION: {
      const flagged = btf.kindFlag(id);
      return btf.members(id).map(({ name, type, bitOffset, bitWidth }) => ({
        ...{ name, words: [], type },
        offset: flagged ? (bitWidth << 24) | bitOffset : bitOffset,
      }));
    }
    case BTF_KIND.ENUM:
      return btf.enumerators(id).map(({ name, value }) => ({ name, words: [low(value)] }));
    case BTF_KIND.ENUM64:
      return btf.enumerators(id).map(({ name, value }) => ({ name, words: [low(value), low(value >> 32n)] }));
    case BTF_KIND.FUNC_PROTO:
      return btf.params(id).map(({ name, type }) => ({ name, words: [], type }));
    default:
      return [];
  }
}

function low(value: bigint): number {
  return Number(BigInt.asUintN(32, value));
}

function* referencesOf(btf: Btf, id: TypeId, inside: boolean): Generator<TypeId> {
  const kind = btf.kind(id);
  if (REFERRING.has(kind)) yield btf.target(id);
  if (kind === BTF_KIND.ARRAY) yield btf.array(id).element;
  if (inside) for (const { type } of partsOf(btf, id)) if (type !== undefined) yield type;
}

/** Kinds whose third word is the number of a type. */
const REFERRING: ReadonlySet<number> = new Set([
  ...[BTF_KIND.PTR, BTF_KIND.TYPEDEF, BTF_KIND.VOLATILE, BTF_KIND.CONST, BTF_KIND.RESTRICT],
  ...[BTF_KIND.FUNC, BTF_KIND.FUNC_PROTO, BTF_KIND.VAR, BTF_KIND.DECL_TAG, BTF_KIND.TYPE_TAG],
]);

interface Head {
  readonly nameOffset: number;
  readonly info: number;
  readonly sizeOrType: number;
}

function writeHead(writer: ByteWriter, { nameOffset, info, sizeOrType }: Head): void {
  for (const word of [nameOffset, info, sizeOrType]) writer.u32(word >>> 0);
}

/** Names, each once; what the base has is not repeated, as in the BTF of modules. */
class Strings {
  readonly all: Map<string, number>;
  readonly #pieces: Buffer[];
  readonly #start: number;
  #bytes: number;

  constructor({ strings, stringsBytes }: SliceContext) {
    this.all = new Map(strings);
    this.#start = stringsBytes;
    // The first string of a kernel is the empty one.
    this.#pieces = stringsBytes === 0 ? [Buffer.from([0])] : [];
    this.#bytes = this.#pieces.length;
  }

  offset(name: string): number {
    if (name === '') return 0;
    const known = this.all.get(name);
    if (known !== undefined) return known;
    const offset = this.#start + this.#bytes;
    const piece = Buffer.from(`${name}\0`, 'latin1');
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    this.all.set(name, offset);
    return offset;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

/** Header, types, strings (Documentation/bpf/btf.rst, v6.12). */
function wholeBtf(types: Uint8Array, strings: Uint8Array): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt16LE(0xeb9f, 0);
  header[2] = 1;
  header.writeUInt32LE(header.length, 4);
  header.writeUInt32LE(types.length, 12);
  header.writeUInt32LE(types.length, 16);
  header.writeUInt32LE(strings.length, 20);
  return Buffer.concat([header, types, strings]);
}
