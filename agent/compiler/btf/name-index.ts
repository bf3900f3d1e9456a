import type { TypeIndex } from './index-types.ts';
import { BTF_KIND } from './kinds.ts';
import { lastNotAbove, searchWords } from './search-words.ts';

/** The bytes of a BTF blob, and where its types lie. */
export interface NamedTypes {
  readonly bytes: Buffer;
  /** The same as `bytes`. */
  readonly words: Uint32Array;
  readonly types: TypeIndex;
  /** Where the type section ends, in bytes. */
  readonly typesEnd: number;
}

/**
 * So many names are searched for natively before an index is built: 5 ms each for a process under emulation
 * that makes one call, which uses two or three, against 70 to 130 ms for the index. On a bare machine it is 1
 * ms against 4.
 */
const SEARCHES_BEFORE_INDEX = 8;
const TYPE_WORDS = 3;

/**
 * Finds types and enumerators by the offset of their name. Types are counted from 0, as in the type index.
 */
export class NameIndex {
  readonly #named: NamedTypes;
  #searches = 0;
  #chains: Chains | undefined;
  #enumerations: readonly number[] | undefined;

  constructor(named: NamedTypes) {
    this.#named = named;
  }

  /** The types of this name, ascending. */
  types(nameOffset: number): readonly number[] {
    const hits = this.#search(nameOffset);
    if (hits === undefined) {
      this.#chains ??= new Chains(this.#named);
      return this.#chains.find(nameOffset);
    }
    const { offsets } = this.#named.types;
    return hits.flatMap(hit => {
      const index = lastNotAbove(offsets, hit * 4);
      return index >= 0 && offsets[index] === hit * 4 ? [index] : [];
    });
  }

  /** The first ENUM or ENUM64 that has an enumerator of this name. */
  enumeration(nameOffset: number): number | undefined {
    const hits = this.#search(nameOffset);
    if (hits === undefined) {
      this.#enumerations ??= allEnumerations(this.#named);
      return this.#enumerations.find(index => this.#has(index, nameOffset));
    }
    for (const hit of hits) {
      const index = lastNotAbove(this.#named.types.offsets, hit * 4);
      if (index >= 0 && stepOf(this.#named, index) > 0 && this.#has(index, nameOffset)) return index;
    }
    return undefined;
  }

  #search(nameOffset: number): readonly number[] | undefined {
    if (this.#searches >= SEARCHES_BEFORE_INDEX) return undefined;
    this.#searches++;
    const { bytes, types, typesEnd } = this.#named;
    return searchWords(bytes, types.offsets[0] ?? typesEnd, typesEnd, nameOffset);
  }

  #has(index: number, nameOffset: number): boolean {
    const { words, types } = this.#named;
    const at = types.offsets[index]! >> 2;
    const step = stepOf(this.#named, index);
    const first = at + TYPE_WORDS;
    const end = first + (words[at + 1]! & 0xffff) * step;
    for (let word = first; word < end; word += step) if (words[word] === nameOffset) return true;
    return false;
  }
}

/** Words from one enumerator to the next; 0 for what is no enumeration. */
function stepOf({ words, types }: NamedTypes, index: number): number {
  const kind = (words[(types.offsets[index]! >> 2) + 1]! >>> 24) & 0x1f;
  return kind === BTF_KIND.ENUM ? 2 : kind === BTF_KIND.ENUM64 ? 3 : 0;
}

function allEnumerations(named: NamedTypes): number[] {
  const found: number[] = [];
  for (let index = 0; index < named.types.count; index++) if (stepOf(named, index) > 0) found.push(index);
  return found;
}

/** Types by the offset of their name: chained hashing in two typed arrays, one insertion a type. */
class Chains {
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  readonly #words: Uint32Array;
  readonly #offsets: Uint32Array;

  constructor({ words, types: { offsets, count } }: NamedTypes) {
    this.#words = words;
    this.#offsets = offsets;
    const heads = new Int32Array(1 << 16).fill(-1);
    const next = new Int32Array(count);
    for (let index = count - 1; index >= 0; index--) {
      const slot = slotOf(words[offsets[index]! >> 2]!);
      next[index] = heads[slot]!;
      heads[slot] = index;
    }
    this.#heads = heads;
    this.#next = next;
  }

  find(nameOffset: number): number[] {
    const found: number[] = [];
    for (let index = this.#heads[slotOf(nameOffset)]!; index >= 0; index = this.#next[index]!) {
      if (this.#words[this.#offsets[index]! >> 2] === nameOffset) found.push(index);
    }
    return found;
  }
}

function slotOf(nameOffset: number): number {
  return Math.imul(nameOffset, 0x9e3779b1) >>> 16;
}
