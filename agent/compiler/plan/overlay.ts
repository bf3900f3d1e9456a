import { FarcallError } from '../../../shared/errors/index.ts';
import type { Memory } from '../interpreter/index.ts';
import type { TaintLabel } from './taint.ts';

const PAGE_BYTES = 4096;
const PAGE = BigInt(PAGE_BYTES);

/** Pages that a plan may write to: 4 MiB. */
const PAGES_LIMIT = 1024;

interface WrittenPage {
  readonly bytes: Uint8Array;
  readonly isWritten: Uint8Array;
  readonly taints: Uint16Array;
}

/** Memory with what a plan has written laid over it, so that later reads of the plan find it. */
export class OverlayMemory implements Memory {
  readonly #below: Memory;
  readonly #pages = new Map<bigint, WrittenPage>();

  constructor(below: Memory) {
    this.#below = below;
  }

  copy(address: bigint, to: Uint8Array, offset: number, bytes: number): boolean {
    if (!this.#below.copy(address, to, offset, bytes)) return false;
    this.#forEach(address, bytes, (page, at, index) => {
      if (page.isWritten[at] === 1) to[offset + index] = page.bytes[at]!;
    });
    return true;
  }

  refresh(): void {
    this.#below.refresh();
  }

  /** What the bytes from `address` on depend on: 0 where they are known. */
  taintOf(address: bigint, bytes: number): TaintLabel {
    let taintLabel = 0;
    this.#forEach(address, bytes, (page, at) => {
      taintLabel ||= page.taints[at]!;
    });
    return taintLabel;
  }

  /**
   * Lays `bytes` over what is there. Throws PROGRAM_TOO_LARGE where a plan would have to remember too much.
   */
  write(address: bigint, bytes: Uint8Array, taints: (index: number) => TaintLabel): void {
    for (let at = address - (address % PAGE); at < address + BigInt(bytes.length); at += PAGE) this.#need(at);
    this.#forEach(address, bytes.length, (page, at, index) => {
      page.bytes[at] = bytes[index]!;
      page.isWritten[at] = 1;
      page.taints[at] = taints(index);
    });
  }

  #need(start: bigint): void {
    if (this.#pages.has(start)) return;
    if (this.#pages.size >= PAGES_LIMIT)
      throw new FarcallError('PROGRAM_TOO_LARGE', `the program writes to more than ${PAGES_LIMIT} pages`);
    this.#pages.set(start, {
      bytes: new Uint8Array(PAGE_BYTES),
      isWritten: new Uint8Array(PAGE_BYTES),
      taints: new Uint16Array(PAGE_BYTES),
    });
  }

  #forEach(
    address: bigint,
    bytes: number,
    visit: (page: WrittenPage, at: number, index: number) => void,
  ): void {
    if (this.#pages.size === 0) return;
    let start = Number(address % PAGE);
    for (let index = 0, base = address - BigInt(start); index < bytes; base += PAGE, start = 0) {
      const count = Math.min(PAGE_BYTES - start, bytes - index);
      const page = this.#pages.get(base);
      if (page) for (let each = 0; each < count; each++) visit(page, start + each, index + each);
      index += count;
    }
  }
}
