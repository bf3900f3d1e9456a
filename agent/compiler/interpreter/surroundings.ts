import type { TaskTree } from '../check/index.ts';
import { RESULT_HEADER, RESULT_HEADER_BYTES } from '../codegen/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import type { IrProgram } from '../ir/index.ts';
import { OWN_ADDRESS } from './machine.ts';
import type { Memory } from './memory.ts';
import type { WasmMemory } from './memory-pool.ts';
import { nextPid, Reader, type RememberedLeaf } from './next-task.ts';
import { writeSymbolName } from './symbol-name.ts';
import { PAGE_BITS, PAGE_BYTES, SLOTS, type WasmLayout } from './wasm-layout.ts';

/** The numbers of pages have 52 bits: those of addresses below 2^32 take 20 of them. */
const PAGES_OF_4_GIB = 2 ** (32 - PAGE_BITS);

/** No page has this number: those of the last address are smaller. */
const NO_PAGE = (1n << 64n) - 1n;

/** For a number a loop is faster than a view of its bytes. */
const SHORT = 16;

/** The upper half of all addresses of the program's own memory, which is smaller than 4 GiB. */
const OWN_HIGH = Number(OWN_ADDRESS >> 32n);

/** The kernel that a program reads. */
interface KernelToRead {
  readonly memory: Memory;
  readonly trees: readonly TaskTree[];
  readonly symbols: SymbolTable | undefined;
}

/**
 * What the code of a program is given: the memory that it reads, and its tasks. A page that was read is kept
 * in its slot until another one needs the slot, or everything is to be read again.
 */
export class Surroundings {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #view: DataView;
  readonly #layout: WasmLayout;
  readonly #memory: Memory;
  readonly #tags: BigUint64Array;
  readonly #tagWords: Uint32Array;
  readonly #trees: readonly TaskTree[];
  readonly #leaves: readonly RememberedLeaf[];
  readonly #reader: Reader;
  readonly #symbols: SymbolTable | undefined;

  constructor(layout: WasmLayout, { memory, trees, symbols }: KernelToRead, { buffer }: WasmMemory) {
    this.#layout = layout;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer, layout.scratch, 4);
    this.#view = new DataView(buffer);
    this.#tags = new BigUint64Array(buffer, layout.tags, SLOTS);
    this.#tagWords = new Uint32Array(buffer, layout.tags, 2 * SLOTS);
    this.#trees = trees;
    this.#symbols = symbols;
    this.#leaves = trees.map(() => ({}));
    this.#memory = memory;
    this.#reader = new Reader({
      copy: (address, to, offset, count) => this.#copyTo(address, to, offset, count),
      refresh: () => {
        memory.refresh();
        this.#forget();
      },
    });
    this.#forget();
  }

  /** The result area as it is now. */
  get area(): Uint8Array {
    const { area } = this.#layout;
    const used = Number(this.#view.getBigUint64(area + RESULT_HEADER.USED, true));
    return this.#bytes.slice(area, area + used);
  }

  /** What is not zero when the program starts. */
  start({ data, localBytes, resultBytes }: IrProgram): void {
    const { own, area } = this.#layout;
    this.#bytes.set(data, own + localBytes);
    const used = BigInt(RESULT_HEADER_BYTES + resultBytes);
    this.#view.setBigUint64(area + RESULT_HEADER.USED, used, true);
  }

  /**
   * Copies from any address to an offset in the code's memory: 1, or 0 where not all is there. A page that is
   * read within is put into its slot, where the code finds it.
   */
  fetch(low: number, high: number, count: number, to: number): number {
    const within = low & (PAGE_BYTES - 1);
    if (high >>> 0 !== OWN_HIGH && within + count <= PAGE_BYTES) {
      const slot = (low >>> PAGE_BITS) & (SLOTS - 1);
      const page = this.#layout.slots + slot * PAGE_BYTES;
      if (this.#fill(slot, (high >>> 0) * PAGES_OF_4_GIB + (low >>> PAGE_BITS), page)) {
        this.#bytes.copyWithin(to, page + within, page + within + count);
        return 1;
      }
    }
    return this.#copy((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0), count, to);
  }

  /** Puts the next struct pid and its number into the scratch: 1, or 0 where the tree makes no sense. */
  nextPid(low: number, high: number, tree: number): number {
    const isNumber = high === 0 && low >= 0;
    const leaf = this.#leaves[tree];
    const found = isNumber ? nextPid(this.#reader, this.#trees[tree]!, low, leaf) : undefined;
    if (found === 'inconsistent') return 0;
    this.#view.setBigUint64(this.#layout.scratch, found?.pid ?? 0n, true);
    this.#words[2] = found?.number ?? 0;
    this.#words[3] = 0;
    return 1;
  }

  /** Writes the name of the symbol that contains an address, and zeros behind it. */
  symbolName(low: number, high: number, count: number, to: number): number {
    const address = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    writeSymbolName(this.#symbols, address, this.#bytes.subarray(to, to + count));
    return 1;
  }

  /** Through the slots where the piece is in one page. */
  #copyTo(address: bigint, to: Uint8Array, offset: number, count: number): boolean {
    const within = Number(address & BigInt(PAGE_BYTES - 1));
    if (within + count > PAGE_BYTES) return this.#memory.copy(address, to, offset, count);
    const number = Number(address >> BigInt(PAGE_BITS));
    const slot = number % SLOTS;
    const page = this.#layout.slots + slot * PAGE_BYTES;
    if (!this.#fill(slot, number, page)) return this.#memory.copy(address, to, offset, count);
    const from = page + within;
    if (count > SHORT) to.set(this.#bytes.subarray(from, from + count), offset);
    else for (let at = 0; at < count; at++) to[offset + at] = this.#bytes[from + at]!;
    return true;
  }

  #copy(address: bigint, count: number, to: number): number {
    const offset = address - OWN_ADDRESS;
    const { own, ownBytes } = this.#layout;
    if (offset < 0n || offset >= BigInt(ownBytes))
      return this.#memory.copy(address, this.#bytes, to, count) ? 1 : 0;
    if (Number(offset) + count > ownBytes) return 0;
    this.#bytes.copyWithin(to, own + Number(offset), own + Number(offset) + count);
    return 1;
  }

  /** A slot whose page cannot be read as a whole is empty. */
  #fill(slot: number, number: number, page: number): boolean {
    const [low, high] = [number >>> 0, Math.floor(number / 2 ** 32)];
    const tags = this.#tagWords;
    if (tags[2 * slot] === low && tags[2 * slot + 1] === high) return true;
    this.#tags[slot] = NO_PAGE;
    const memory = this.#memory;
    const isThere = memory.copyPage
      ? memory.copyPage(number, this.#bytes, page)
      : memory.copy(BigInt(number) << BigInt(PAGE_BITS), this.#bytes, page, PAGE_BYTES);
    if (!isThere) return false;
    tags[2 * slot] = low;
    tags[2 * slot + 1] = high;
    return true;
  }

  #forget(): void {
    this.#tags.fill(NO_PAGE);
  }
}
