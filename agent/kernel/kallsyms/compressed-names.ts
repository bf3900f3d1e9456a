import { FarcallError } from '../../../shared/errors/index.ts';
import { NAME_MAX_BYTES, type NameVisitor } from './symbol-store.ts';
import { hashText, type TokenTable } from './token-table.ts';

/**
 * The names of `kallsyms_names`, kept compressed. Each is a length and so many bytes of tokens; the first letter that
 * they expand to is the symbol's type. Lengths above 127 take two bytes since 6.1 (scripts/kallsyms.c, ULEB128).
 *
 *     04 54 f7 6e 9a     T  _pri  n  tk
 */
export class CompressedNames {
  readonly #bytes: Uint8Array;
  readonly #tokens: TokenTable;
  /** Where the tokens of name `i` start; those of the one before end at or one or two bytes before. */
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  #hashes: Uint32Array | undefined;

  /** @throws FarcallError KALLSYMS_INVALID where `bytes` do not hold `count` names */
  constructor(bytes: Uint8Array, count: number, tokens: TokenTable) {
    this.#tokens = tokens;
    this.#starts = new Uint32Array(count);
    this.#ends = new Uint32Array(count);
    let at = 0;
    for (let index = 0; index < count; index++) {
      let length = bytes[at++]!;
      if (length >= 0x80) length = (length & 0x7f) | (bytes[at++]! << 7);
      this.#starts[index] = at;
      at += length;
      this.#ends[index] = at;
      if (length === 0 || at > bytes.length) throw invalid(`name ${index} of ${count} is cut off`);
    }
    this.#bytes = bytes.slice(0, at);
  }

  get count(): number {
    return this.#starts.length;
  }

  /** The letter of symbol `index`, as a character code. */
  type(index: number): number {
    const token = this.#bytes[this.#starts[index]!]!;
    return this.#tokens.bytes[this.#tokens.starts[token]!]!;
  }

  name(index: number): string {
    const into = Buffer.alloc(NAME_MAX_BYTES);
    return into.toString('latin1', 1, this.#expand(index, into));
  }

  /** The indices of all names equal to `name`, ascending. The first call hashes the whole table. */
  find(name: string): readonly number[] {
    if (name.length === 0 || name.length >= NAME_MAX_BYTES) return [];
    this.#hashes ??= this.#hashAll();
    const hashes = this.#hashes;
    const wanted = Buffer.from(name, 'latin1');
    const hash = hashText(wanted, 0, wanted.length);
    const found: number[] = [];
    for (let index = hashes.indexOf(hash); index >= 0; index = hashes.indexOf(hash, index + 1)) {
      if (this.name(index) === name) found.push(index);
    }
    return found;
  }

  scan(minLength: number, maxLength: number, visit: NameVisitor): void {
    const into = new Uint8Array(NAME_MAX_BYTES);
    for (let index = 0; index < this.count; index++) {
      const length = this.#expandedLength(index) - 1;
      if (length >= minLength && length <= maxLength) visit(index, into, 1, this.#expand(index, into));
    }
  }

  /**
   * The indices of each of `names`, in one pass that expands next to nothing: a name is looked at only where its
   * first and last token can begin and end one of `names`. At most 32 names per pass.
   */
  findSome(names: readonly string[]): readonly (readonly number[])[] {
    const wanted = names.map(name => Buffer.from(name, 'latin1'));
    const firsts = this.#tokenMasks((piece, start, end) =>
      maskOf(wanted, name => begins(name, piece, start, end)),
    );
    const lasts = this.#tokenMasks((piece, start, end) =>
      maskOf(wanted, name => endsWith(name, piece, start, end)),
    );
    const found: number[][] = names.map(() => []);
    const bytes = this.#bytes;
    const starts = this.#starts;
    const ends = this.#ends;
    for (let index = 0; index < starts.length; index++) {
      const mask = firsts[bytes[starts[index]!]!]! & lasts[bytes[ends[index]! - 1]!]!;
      if (mask !== 0) this.#confirm(index, names, mask, found);
    }
    return found;
  }

  #confirm(index: number, names: readonly string[], mask: number, found: number[][]): void {
    const length = this.#expandedLength(index) - 1;
    for (let which = 0; which < names.length; which++) {
      if ((mask & (1 << which)) === 0 || names[which]!.length !== length) continue;
      if (this.name(index) === names[which]) found[which]!.push(index);
    }
  }

  #tokenMasks(maskFor: (piece: Uint8Array, start: number, end: number) => number): Int32Array {
    const { bytes, starts } = this.#tokens;
    return Int32Array.from({ length: 256 }, (_, token) => maskFor(bytes, starts[token]!, starts[token + 1]!));
  }

  #hashAll(): Uint32Array {
    const { hashes, tailHashes, powers } = this.#tokens;
    const bytes = this.#bytes;
    const all = new Uint32Array(this.count);
    for (let index = 0; index < all.length; index++) {
      const end = this.#ends[index]!;
      let at = this.#starts[index]!;
      let hash = tailHashes[bytes[at++]!]!;
      while (at < end) {
        const token = bytes[at++]!;
        hash = (Math.imul(hash, powers[token]!) + hashes[token]!) | 0;
      }
      all[index] = hash;
    }
    return all;
  }

  #expandedLength(index: number): number {
    const { starts } = this.#tokens;
    let length = 0;
    for (let at = this.#starts[index]!; at < this.#ends[index]!; at++) {
      const token = this.#bytes[at]!;
      length += starts[token + 1]! - starts[token]!;
    }
    return length;
  }

  /** Writes type letter and name; gives the place after the last letter. What is longer than `into` is cut. */
  #expand(index: number, into: Uint8Array): number {
    const { bytes, starts } = this.#tokens;
    let to = 0;
    for (let at = this.#starts[index]!; at < this.#ends[index]!; at++) {
      const token = this.#bytes[at]!;
      for (let from = starts[token]!; from < starts[token + 1]! && to < into.length; from++) {
        into[to++] = bytes[from]!;
      }
    }
    return to;
  }
}

function maskOf(wanted: readonly Buffer[], fits: (name: Buffer) => boolean): number {
  let mask = 0;
  for (const [which, name] of wanted.entries()) if (fits(name)) mask |= 1 << which;
  return mask;
}

/** Whether `piece`, less its first letter, the type, can begin `name`. */
function begins(name: Uint8Array, piece: Uint8Array, start: number, end: number): boolean {
  const length = end - start - 1;
  if (length < 0 || length > name.length) return false;
  for (let at = 0; at < length; at++) if (name[at] !== piece[start + 1 + at]) return false;
  return true;
}

/** Whether `piece` can end `name`; one that is longer can if it is the only piece, type letter included. */
function endsWith(name: Uint8Array, piece: Uint8Array, start: number, end: number): boolean {
  const shared = Math.min(end - start, name.length);
  if (end - start > name.length + 1) return false;
  for (let at = 1; at <= shared; at++) if (name[name.length - at] !== piece[end - at]) return false;
  return true;
}

function invalid(why: string): FarcallError {
  return new FarcallError('KALLSYMS_INVALID', `the kernel's compressed symbol names cannot be read: ${why}`);
}
