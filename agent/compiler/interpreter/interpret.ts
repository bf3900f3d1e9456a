import type { SymbolTable } from '../facts/index.ts';
import type { IrProgram } from '../ir/index.ts';
import { compiledModule } from './compiled-modules.ts';
import type { Memory } from './memory.ts';
import { giveMemoryBack, takeMemory, type WasmMemory } from './memory-pool.ts';
import { Surroundings } from './surroundings.ts';
import { layOut } from './wasm-layout.ts';
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
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

/**
 * Begins a program that only reads. It becomes a module of WebAssembly: 64-bit numbers are numbers there, and
 * the code reaches nothing but its own memory and what it is given to call. Loops are bounded by their fuel,
 * as in machine code. Throws PROGRAM_TOO_LARGE where the results would not fit, before anything is read.
 */
export function interpret(program: IrProgram, memory: Memory, symbols?: SymbolTable): Interpretation {
  return new WasmRun(program, memory, symbols);
}

class WasmRun implements Interpretation {
  readonly #exports: Exports;
  readonly #surroundings: Surroundings;
  readonly #wasmMemory: WasmMemory;
  #next: number;
  /** The result area, once the memory that it was in may be somebody else's. */
  #finished: Uint8Array | undefined;

  constructor(program: IrProgram, memory: Memory, symbols: SymbolTable | undefined) {
    const layout = layOut(program);
    const { bytes, start, trees } = wasmModule(program, layout);
    this.#wasmMemory = takeMemory(layout.sizeBytes, layout.slots);
    const surroundings = new Surroundings(layout, { memory, trees, symbols }, this.#wasmMemory);
    surroundings.start(program);
    this.#surroundings = surroundings;
    const farcall = {
      memory: this.#wasmMemory,
      fetch: surroundings.fetch.bind(surroundings),
      nextPid: surroundings.nextPid.bind(surroundings),
      symbolName: surroundings.symbolName.bind(surroundings),
    };
    const { exports } = new WebAssembly.Instance(compiledModule(bytes), { farcall });
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
