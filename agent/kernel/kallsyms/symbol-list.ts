import { FarcallError } from '../../../shared/errors/index.ts';
import type { KernelSymbol } from '../../compiler/index.ts';
import { hashName, type NameVisitor, SYMBOLS_MAX, type SymbolStore } from './symbol-store.ts';

/** One symbol as the scanner finds it: a name within a buffer, and the address in two halves. */
export interface FoundSymbol {
  readonly addressHigh: number;
  readonly addressLow: number;
  /** The letter's character code. */
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly nameStart: number;
  readonly nameEnd: number;
  /** Undefined for the kernel itself. */
  readonly module: string | undefined;
}

interface Columns {
  readonly names: Uint8Array;
  /** Where each name starts in `names`, and one more for the end of the last. */
  readonly nameStarts: Uint32Array;
  readonly hashes: Uint32Array;
  /** Two halves per symbol: low, high. */
  readonly addresses: Uint32Array;
  readonly types: Uint8Array;
  /** Per symbol an index into `modules`. */
  readonly moduleOf: Uint16Array;
  readonly modules: readonly (string | undefined)[];
}

/** Symbols with plain names: some 45 bytes each. Made by `SymbolListBuilder`. */
export class SymbolList implements SymbolStore {
  readonly #columns: Columns;
  readonly count: number;

  constructor(columns: Columns) {
    this.#columns = columns;
    this.count = columns.types.length;
  }

  symbol(index: number): KernelSymbol {
    const { names, nameStarts, types, modules, moduleOf } = this.#columns;
    return {
      name: latin1(names, nameStarts[index]!, nameStarts[index + 1]!),
      address: this.address(index),
      type: String.fromCharCode(types[index]!),
      module: modules[moduleOf[index]!],
    };
  }

  address(index: number): bigint {
    const { addresses } = this.#columns;
    return (BigInt(addresses[2 * index + 1]!) << 32n) | BigInt(addresses[2 * index]!);
  }

  find(name: string): readonly number[] {
    const { hashes, names, nameStarts } = this.#columns;
    const wanted = Buffer.from(name, 'latin1');
    const hash = hashName(wanted, 0, wanted.length);
    const found: number[] = [];
    for (let index = hashes.indexOf(hash); index >= 0; index = hashes.indexOf(hash, index + 1)) {
      if (wanted.equals(names.subarray(nameStarts[index]!, nameStarts[index + 1]!))) found.push(index);
    }
    return found;
  }

  scan(minLength: number, maxLength: number, visit: NameVisitor): void {
    const { names, nameStarts } = this.#columns;
    for (let index = 0; index < this.count; index++) {
      const start = nameStarts[index]!;
      const end = nameStarts[index + 1]!;
      if (end - start >= minLength && end - start <= maxLength) visit(index, names, start, end);
    }
  }
}

/** Collects symbols in typed arrays that grow by half. */
export class SymbolListBuilder {
  #count = 0;
  #nameBytes = 0;
  #names = new Uint8Array(65_536);
  #nameStarts = new Uint32Array(2048);
  #hashes = new Uint32Array(2048);
  #addresses = new Uint32Array(4096);
  #types = new Uint8Array(2048);
  #moduleOf = new Uint16Array(2048);
  readonly #modules: (string | undefined)[] = [];
  readonly #moduleIndex = new Map<string | undefined, number>();

  /** Takes one symbol over; its name is copied. */
  add(found: FoundSymbol): void {
    const { bytes, nameStart, nameEnd } = found;
    this.#makeRoom(nameEnd - nameStart);
    const index = this.#count++;
    let at = this.#nameBytes;
    this.#nameStarts[index] = at;
    for (let from = nameStart; from < nameEnd; from++) this.#names[at++] = bytes[from]!;
    this.#nameBytes = at;
    this.#hashes[index] = hashName(bytes, nameStart, nameEnd);
    this.#addresses[2 * index] = found.addressLow;
    this.#addresses[2 * index + 1] = found.addressHigh;
    this.#types[index] = found.type;
    this.#moduleOf[index] = this.#indexOfModule(found.module);
  }

  /** The symbols so far, trimmed to what they need. The builder is done with. */
  build(): SymbolList {
    const count = this.#count;
    this.#nameStarts[count] = this.#nameBytes;
    return new SymbolList({
      names: this.#names.slice(0, this.#nameBytes),
      nameStarts: this.#nameStarts.slice(0, count + 1),
      hashes: this.#hashes.slice(0, count),
      addresses: this.#addresses.slice(0, 2 * count),
      types: this.#types.slice(0, count),
      moduleOf: this.#moduleOf.slice(0, count),
      modules: this.#modules,
    });
  }

  #indexOfModule(module: string | undefined): number {
    const known = this.#moduleIndex.get(module);
    if (known !== undefined) return known;
    const index = this.#modules.push(module) - 1;
    if (index > 0xffff)
      throw new FarcallError('KALLSYMS_INVALID', 'the symbols name more than 65,536 modules');
    this.#moduleIndex.set(module, index);
    return index;
  }

  #makeRoom(nameBytes: number): void {
    if (this.#count >= SYMBOLS_MAX) {
      throw new FarcallError('KALLSYMS_INVALID', `more than ${SYMBOLS_MAX} symbols`);
    }
    if (this.#nameBytes + nameBytes > this.#names.length) {
      const larger = new Uint8Array(Math.ceil((this.#names.length + nameBytes) * 1.5));
      larger.set(this.#names);
      this.#names = larger;
    }
    if (this.#count + 1 < this.#types.length) return;
    const capacity = Math.ceil(this.#types.length * 1.5);
    this.#nameStarts = grown(this.#nameStarts, new Uint32Array(capacity));
    this.#hashes = grown(this.#hashes, new Uint32Array(capacity));
    this.#addresses = grown(this.#addresses, new Uint32Array(2 * capacity));
    this.#types = grown(this.#types, new Uint8Array(capacity));
    this.#moduleOf = grown(this.#moduleOf, new Uint16Array(capacity));
  }
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
