import { isSymbolName, type KernelSymbol, type SymbolTable, similarNames } from '../facts/index.ts';
import { HEAD_BYTES, indexNames, type NamedSymbol, type NameKind, nameEnd } from './name-list.ts';

/** Where symbols of each kind stand, made up: far enough apart for as many as a list may have. */
const ROOMS: Readonly<Record<NameKind, bigint>> = {
  f: 0xffff_ffff_8100_0000n,
  i: 0xffff_ffff_9000_0000n,
  p: 0xffff_ffff_a000_0000n,
  v: 0xffff_ffff_b000_0000n,
  o: 0xffff_ffff_c000_0000n,
};
const STEP = 16n;
const ROOM = 0x0800_0000n;

/** nm(1)'s letter for each kind. */
const LETTERS: Readonly<Record<NameKind, string>> = { f: 'T', i: 't', p: 'D', v: 'D', o: 'A' };

/** Symbols that tell what lies between them; a list has the kinds instead. */
const BORDERS: ReadonlyMap<string, bigint> = new Map([
  ['_text', ROOMS.f],
  ['_stext', ROOMS.f],
  ['_sinittext', ROOMS.i],
  ['_einittext', ROOMS.i + ROOM],
  ['__per_cpu_start', ROOMS.p],
  ['__per_cpu_end', ROOMS.p + ROOM],
]);

/**
 * The names of a kernel without their addresses, as a symbol table for checks of programs. Addresses are made
 * up: each symbol has one of its own, of which no more is true than that it lies among those of its kind.
 *
 * The list is kept as bytes and searched by halving: 20 bytes a name, where strings would take five times
 * that.
 */
export class NamedSymbols implements SymbolTable {
  readonly #bytes: Buffer;
  /** Where each line starts, and the end. */
  readonly #starts: Uint32Array;

  /** Throws MESSAGE_INVALID where `bytes` are no list of names. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#starts = indexNames(this.#bytes);
  }

  /** How many symbols there are. */
  get count(): number {
    return this.#starts.length - 1;
  }

  lookup(name: string): readonly KernelSymbol[] {
    const border = BORDERS.get(name);
    if (border !== undefined) return [{ name, address: border, type: 'T', module: undefined }];
    if (!isSymbolName(name)) return [];
    const found: KernelSymbol[] = [];
    for (let index = this.#firstNotBelow(name); index < this.count; index++) {
      if (this.#name(index) !== name) break;
      found.push(this.#symbol(index));
    }
    // As on a host: the kernel's own symbols hide those of modules.
    const own = found.filter(({ module }) => module === undefined);
    return own.length > 0 ? own : found;
  }

  variants(name: string): readonly KernelSymbol[] {
    if (!isSymbolName(name)) return [];
    return [...this.withPrefix(`${name}.`)].map(({ index }) => this.#symbol(index));
  }

  similar(name: string, limit: number): readonly string[] {
    return similarNames([this], name, limit);
  }

  /** Addresses here mean nothing. */
  containing(): undefined {
    return undefined;
  }

  /** The symbols whose names start with `prefix`, in the order of the names. */
  *withPrefix(prefix: string): Generator<NamedSymbol & { readonly index: number }> {
    for (let index = this.#firstNotBelow(prefix); index < this.count; index++) {
      const name = this.#name(index);
      if (!name.startsWith(prefix)) return;
      yield { index, name, kind: this.#kind(index), module: this.#module(index) };
    }
  }

  /** See {@link similarNames}. */
  scan(
    minLength: number,
    maxLength: number,
    visit: (handle: number, bytes: Uint8Array, start: number, end: number) => void,
  ): void {
    for (let index = 0; index < this.count; index++) {
      const start = this.#starts[index]! + HEAD_BYTES;
      const end = nameEnd(this.#bytes, this.#starts[index]!);
      if (end - start >= minLength && end - start <= maxLength) visit(index, this.#bytes, start, end);
    }
  }

  #symbol(index: number): KernelSymbol {
    const kind = this.#kind(index);
    const address = ROOMS[kind] + BigInt(index) * STEP;
    return { name: this.#name(index), address, type: LETTERS[kind], module: this.#module(index) };
  }

  #kind(index: number): NameKind {
    return String.fromCharCode(this.#bytes[this.#starts[index]!]!) as NameKind;
  }

  #name(index: number): string {
    const start = this.#starts[index]!;
    return this.#bytes.toString('latin1', start + HEAD_BYTES, nameEnd(this.#bytes, start));
  }

  #module(index: number): string | undefined {
    const end = nameEnd(this.#bytes, this.#starts[index]!);
    const next = this.#starts[index + 1]!;
    return end === next - 1 ? undefined : this.#bytes.toString('latin1', end + 1, next - 1);
  }

  /** The first line whose name is not below `name`. */
  #firstNotBelow(name: string): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#name(middle) < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
