import type { Memory } from '../compiler/index.ts';
import { type KernelMemory, MemoryFault, toAddress } from '../kernel/index.ts';

/** Smallest page of every CPU that farcall knows; memory is there or not by pages. */
const PAGE_BYTES = 4096;
const PAGE_BITS = 12n;

/**
 * Pages that are read together where that costs hardly more than one: under emulation a read of a page takes
 * some 100 µs, and each further page in it 10. The objects of a slab, such as tasks, lie in up to eight
 * pages.
 */
const CLUSTER = 8;

/** Pages that are remembered at most: 16 MiB. */
const PAGES_LIMIT = 4096;

/** A page, or why there is none: nothing is mapped, or its parts must be read one by one. */
type Page = Uint8Array | 'not whole';

/**
 * Kernel memory for one run of a program, read page by page and cached: neighbours are read together, and a
 * list of hundreds of tasks costs some hundred reads. A page stays as it was when it was first read, so what
 * a run sees may be as old as the run (who keeps pages that {@link PagedMemory.copyPage} copied may read one
 * again). Pages are read at different moments: values that belong together may
 * be from before and after a change, as with any reader that takes no lock.
 */
export class PagedMemory implements Memory {
  readonly #memory: KernelMemory;
  readonly #pages = new Map<number, Page>();
  #lastNumber = -1;
  #last: Page = 'not whole';

  constructor(memory: KernelMemory) {
    this.#memory = memory;
  }

  copy(address: bigint, to: Uint8Array, offset: number, bytes: number): boolean {
    const from = toAddress(address);
    let number = Number(from >> PAGE_BITS);
    let start = Number(from & BigInt(PAGE_BYTES - 1));
    for (let done = 0; done < bytes; ) {
      const piece = Math.min(PAGE_BYTES - start, bytes - done);
      const page = this.#page(number);
      if (page === 'not whole') return this.#copyExactly(from, to, offset, bytes);
      copyPiece(page, start, to, offset + done, piece);
      done += piece;
      start = 0;
      number++;
    }
    return true;
  }

  /** Where it lies in one piece of physical memory, the page is neither looked for here nor kept. */
  copyPage(number: number, to: Uint8Array, offset: number): boolean {
    if (this.#memory.readPage?.(number, to, offset)) return true;
    return this.copy(BigInt(number) << PAGE_BITS, to, offset, PAGE_BYTES);
  }

  refresh(): void {
    this.#pages.clear();
    this.#lastNumber = -1;
  }

  #page(number: number): Page {
    if (number === this.#lastNumber) return this.#last;
    let page = this.#pages.get(number);
    if (page === undefined) {
      if (this.#pages.size >= PAGES_LIMIT) this.#pages.clear();
      this.#readAround(number);
      page = this.#pages.get(number) ?? this.#read(BigInt(number) << PAGE_BITS, PAGE_BYTES) ?? 'not whole';
      this.#pages.set(number, page);
    }
    this.#lastNumber = number;
    this.#last = page;
    return page;
  }

  /** Reads the pages around one, but for those that are known: they stay as they were read. */
  #readAround(number: number): void {
    const first = number - (number % CLUSTER);
    const start = BigInt(first) << PAGE_BITS;
    if (!this.#memory.isOnePiece?.(start, CLUSTER * PAGE_BYTES)) return;
    const cluster = this.#read(start, CLUSTER * PAGE_BYTES);
    for (let index = 0; cluster && index < CLUSTER; index++) {
      if (this.#pages.has(first + index)) continue;
      const from = index * PAGE_BYTES;
      this.#pages.set(first + index, cluster.subarray(from, from + PAGE_BYTES));
    }
  }

  /** At the ends of readable memory a page may be mapped in part. */
  #copyExactly(from: bigint, to: Uint8Array, offset: number, bytes: number): boolean {
    const found = this.#read(from, bytes);
    if (found) to.set(found, offset);
    return found !== undefined;
  }

  #read(address: bigint, bytes: number): Uint8Array | undefined {
    try {
      return this.#memory.read(address, bytes);
    } catch (thrown) {
      if (thrown instanceof MemoryFault) return undefined;
      throw thrown;
    }
  }
}

/** Most pieces are a number: for those a loop is faster than making a view of the page. */
function copyPiece(page: Uint8Array, start: number, to: Uint8Array, offset: number, bytes: number): void {
  if (bytes > 16) return to.set(page.subarray(start, start + bytes), offset);
  for (let at = 0; at < bytes; at++) to[offset + at] = page[start + at]!;
}
