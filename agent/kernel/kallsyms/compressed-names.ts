import { FarcallError } from '../../../shared/errors/index.ts';
import { isSymbolName, NAME_MAX_BYTES } from '../../compiler/index.ts';
import { viewOf } from '../kcore/index.ts';
import { CachedSearch } from './cached-search.ts';
import { codeCounts, findSpellings } from './find-spellings.ts';
import { NameEncoder } from './name-encoder.ts';
import type { NameVisitor } from './symbol-store.ts';
import type { TokenTable } from './token-table.ts';

/** The kernel notes where every 256th name starts. */
const NAMES_PER_MARKER = 256;

/**
 * The names of `kallsyms_names`, kept compressed. Each is a length and so many bytes of codes; the first
 * letter that they expand to is the symbol's type. Lengths above 127 take two bytes since 6.1
 * (scripts/kallsyms.c, ULEB128).
 *
 *     04 54 f7 6e 9a     T  _pri  n  tk
 */
export class CompressedNames {
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #markers: DataView;
  readonly #tokens: TokenTable;
  readonly #encoder: NameEncoder;
  readonly #codeCounts: Uint32Array;
  readonly #remembered = new CachedSearch(name => this.#search(name));

  /**
   * @param bytes `kallsyms_names` and what follows it, far enough to hold `kallsyms_markers`
   * @throws FarcallError KALLSYMS_INVALID
   */
  constructor(bytes: Uint8Array, count: number, tokens: TokenTable) {
    const markersAt = findMarkers(bytes, count);
    const markersEnd = markersAt + 4 * Math.ceil(count / NAMES_PER_MARKER);
    if (markersEnd > bytes.length) throw invalid('its markers are cut off');
    this.count = count;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, markersAt);
    this.#markers = viewOf(bytes.subarray(markersAt, markersEnd));
    this.#tokens = tokens;
    this.#encoder = new NameEncoder(tokens);
    this.#codeCounts = codeCounts(this.#bytes);
  }

  /** Type letter and name of symbol `index`. */
  typeAndName(index: number): { readonly type: string; readonly name: string } {
    let at = this.#marker(index >>> 8);
    for (let passed = index & 0xff; passed > 0; passed--) at = skipName(this.#bytes, at);
    const into = Buffer.alloc(NAME_MAX_BYTES);
    const text = into.toString('latin1', 0, this.#expand(at, into));
    return { type: text.slice(0, 1), name: text.slice(1) };
  }

  /** The indices of all names equal to `name`, ascending. */
  find(name: string): readonly number[] {
    return isSymbolName(name) ? this.#remembered.find(name) : [];
  }

  scan(minLength: number, maxLength: number, visit: NameVisitor): void {
    const lengths = Uint16Array.from(this.#tokens, piece => piece.length);
    const into = new Uint8Array(NAME_MAX_BYTES);
    const bytes = this.#bytes;
    let at = 0;
    for (let index = 0; index < this.count; index++) {
      const start = at;
      const end = skipName(bytes, start);
      let length = -1;
      for (at = codesAt(bytes, start); at < end; at++) length += lengths[bytes[at]!]!;
      if (length >= minLength && length <= maxLength) {
        const nameEnd = this.#expand(start, into);
        visit(index, into, 1, nameEnd, into[0]!);
      }
      at = end;
    }
  }

  #search(name: string): readonly number[] {
    const spellings = this.#encoder.spellings(Buffer.from(name, 'latin1'));
    const indices = new Set<number>();
    for (const offset of findSpellings(this.#bytes, spellings, this.#codeCounts)) {
      const index = this.#indexAt(offset);
      if (index !== undefined) indices.add(index);
    }
    return [...indices].sort((a, b) => a - b);
  }

  /** Which name starts at `offset`; undefined if none does. */
  #indexAt(offset: number): number | undefined {
    let block = 0;
    let after = this.#markers.byteLength / 4;
    while (after - block > 1) {
      const middle = (block + after) >>> 1;
      if (this.#marker(middle) <= offset) block = middle;
      else after = middle;
    }
    let at = this.#marker(block);
    let index = block * NAMES_PER_MARKER;
    for (; at < offset; at = skipName(this.#bytes, at)) index++;
    return at === offset && index < this.count ? index : undefined;
  }

  #marker(block: number): number {
    return this.#markers.getUint32(4 * block, true);
  }

  /**
   * Writes the type letter and the name that start at `offset`, and returns their length. A name that is
   * longer than `into` is cut.
   */
  #expand(offset: number, into: Uint8Array): number {
    const end = Math.min(skipName(this.#bytes, offset), this.#bytes.length);
    let to = 0;
    for (let at = codesAt(this.#bytes, offset); at < end; at++) {
      const piece = this.#tokens[this.#bytes[at]!]!;
      for (let from = 0; from < piece.length && to < into.length; from++) into[to++] = piece[from]!;
    }
    return to;
  }
}

/** Where the codes of the name at `offset` start: after one byte of length, or two. */
function codesAt(bytes: Uint8Array, offset: number): number {
  return offset + (bytes[offset]! >= 0x80 ? 2 : 1);
}

/** The offset of the name after the one at `offset`. */
function skipName(bytes: Uint8Array, offset: number): number {
  const first = bytes[offset] ?? 0;
  return first < 0x80 ? offset + 1 + first : offset + 2 + ((first & 0x7f) | ((bytes[offset + 1] ?? 0) << 7));
}

/**
 * Finds `kallsyms_markers`, which follows the names and which VMCOREINFO does not mention. It starts with 0
 * and the offsets of the 256th and 512th names. It also tells where the names end.
 */
function findMarkers(bytes: Uint8Array, count: number): number {
  if (count <= 2 * NAMES_PER_MARKER) throw invalid(`it has ${count} symbols only`);
  const first = Buffer.alloc(12);
  let at = 0;
  for (let index = 1; index <= 2 * NAMES_PER_MARKER; index++) {
    at = skipName(bytes, at);
    if (index % NAMES_PER_MARKER === 0) first.writeUInt32LE(at, (4 * index) / NAMES_PER_MARKER);
  }
  const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(first, at);
  if (found < 0) throw invalid('its markers cannot be found');
  return found;
}

function invalid(why: string): FarcallError {
  return new FarcallError('KALLSYMS_INVALID', `the kernel's compressed symbol names cannot be read: ${why}`);
}
