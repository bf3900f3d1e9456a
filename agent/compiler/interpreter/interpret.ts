import type { TaskTree } from '../check/index.ts';
import { RESULT_HEADER, RESULT_HEADER_BYTES } from '../codegen/index.ts';
import type { IrProgram } from '../ir/index.ts';
import { OWN_ADDRESS } from './machine.ts';
import type { Memory } from './memory.ts';
import { giveMemoryBack, takeMemory, type WasmMemory } from './memory-pool.ts';
import { nextPid, type RememberedLeaf } from './next-task.ts';
import { layOut, PAGE_BITS, PAGE_BYTES, SLOTS, type WasmLayout } from './wasm-layout.ts';
import { wasmModule } from './wasm-module.ts';

/** Steps between two yields; what is read from outside costs more. All should take a few milliseconds. */
const STEPS_PER_TURN = 16_384;

/** A run of a program that only reads. To be disposed of where it is left off before its end. */
export interface Interpretation extends Disposable {
  /**
   * Goes on for some milliseconds at most, so that the caller can do something else then, or leave it off;
   * true once the program has ended.
   */
  resume(): boolean;
  /** The result area as it is now; at the end, as a module would have copied it out. */
  readonly area: Uint8Array;
}

/** What the module exports. */
interface Exports {
  readonly run: (next: number) => number;
  readonly left: { value: number };
}

/** The part of the JavaScript API of WebAssembly that is used here; Node's types do not have it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

/**
 * Begins a program that only reads. It becomes a module of WebAssembly: 64-bit numbers are numbers there, and
 * the code reaches nothing but its own memory and what it is given to call. Loops are bounded by their fuel,
 * as in machine code. Throws PROGRAM_TOO_LARGE where the results would not fit, before anything is read.
 */
export function interpret(program: IrProgram, memory: Memory): Interpretation {
  return new WasmRun(program, memory);
}

class WasmRun implements Interpretation {
  readonly #exports: Exports;
  readonly #surroundings: Surroundings;
  readonly #wasmMemory: WasmMemory;
  #next: number;
  /** The result area, once the memory that it was in may be somebody else's. */
  #finished: Uint8Array | undefined;

  constructor(program: IrProgram, memory: Memory) {
    const layout = layOut(program);
    const { bytes, start, trees } = wasmModule(program, layout);
    this.#wasmMemory = takeMemory(layout.sizeBytes, layout.slots);
    const surroundings = new Surroundings(layout, memory, this.#wasmMemory, trees);
    surroundings.start(program);
    this.#surroundings = surroundings;
    const farcall = {
      memory: this.#wasmMemory,
      fetch: surroundings.fetch.bind(surroundings),
      nextPid: surroundings.nextPid.bind(surroundings),
    };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { farcall });
    this.#exports = exports as Exports;
    this.#next = start;
  }

  get area(): Uint8Array {
    return this.#finished ?? this.#surroundings.area;
  }

  resume(): boolean {
    if (this.#finished) return true;
    const { run, left } = this.#exports;
    left.value = STEPS_PER_TURN;
    this.#next = run(this.#next);
    if (this.#next < 0) this[Symbol.dispose]();
    return this.#next < 0;
  }

  [Symbol.dispose](): void {
    if (this.#finished) return;
    this.#finished = this.area;
    giveMemoryBack(this.#wasmMemory);
  }
}

/** What the code of a program is given: the memory that it reads, and its tasks. */
class Surroundings {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #layout: WasmLayout;
  readonly #memory: Memory;
  readonly #tags: BigUint64Array;
  readonly #trees: readonly TaskTree[];
  readonly #leaves: readonly RememberedLeaf[];

  constructor(layout: WasmLayout, memory: Memory, { buffer }: WasmMemory, trees: readonly TaskTree[]) {
    this.#layout = layout;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    this.#tags = new BigUint64Array(buffer, layout.tags, SLOTS);
    this.#trees = trees;
    this.#leaves = trees.map(() => ({}));
    this.#memory = {
      copy: (address, to, offset, count) => memory.copy(address, to, offset, count),
      refresh: () => {
        memory.refresh();
        this.#forget();
      },
    };
    this.#forget();
  }

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
    const address = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    const offset = address - OWN_ADDRESS;
    const { own, ownBytes, slots } = this.#layout;
    if (offset >= 0n && offset < BigInt(ownBytes)) {
      if (Number(offset) + count > ownBytes) return 0;
      this.#bytes.copyWithin(to, own + Number(offset), own + Number(offset) + count);
      return 1;
    }
    const within = low & (PAGE_BYTES - 1);
    if (within + count <= PAGE_BYTES) {
      const slot = (low >>> PAGE_BITS) & (SLOTS - 1);
      const page = slots + slot * PAGE_BYTES;
      if (this.#fill(slot, address >> BigInt(PAGE_BITS), page)) {
        this.#bytes.copyWithin(to, page + within, page + within + count);
        return 1;
      }
    }
    return this.#memory.copy(address, this.#bytes, to, count) ? 1 : 0;
  }

  /** Puts the next struct pid and its number into the scratch: 1, or 0 where the tree makes no sense. */
  nextPid(low: number, high: number, tree: number): number {
    const { scratch } = this.#layout;
    const isNumber = high === 0 && low >= 0;
    const found = isNumber ? nextPid(this.#memory, this.#trees[tree]!, low, this.#leaves[tree]) : undefined;
    if (found === 'inconsistent') return 0;
    this.#view.setBigUint64(scratch, found?.pid ?? 0n, true);
    this.#view.setBigUint64(scratch + 8, BigInt(found?.number ?? 0), true);
    return 1;
  }

  /** A slot whose page cannot be read as a whole is empty. */
  #fill(slot: number, number: bigint, page: number): boolean {
    if (this.#tags[slot] === number) return true;
    this.#tags[slot] = NO_PAGE;
    if (!this.#memory.copy(number << BigInt(PAGE_BITS), this.#bytes, page, PAGE_BYTES)) return false;
    this.#tags[slot] = number;
    return true;
  }

  #forget(): void {
    this.#tags.fill(NO_PAGE);
  }
}

/** No page has this number: those of the last address are smaller. */
const NO_PAGE = (1n << 64n) - 1n;
