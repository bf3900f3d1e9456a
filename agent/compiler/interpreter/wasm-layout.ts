import { layoutData } from '../codegen/index.ts';
import { type IrProgram, roundUp } from '../ir/index.ts';

/** Smallest page of every CPU that farcall knows; memory is there or not by pages. */
export const PAGE_BYTES = 4096;
export const PAGE_BITS = 12;

/**
 * Pages of memory that the code of a program finds by itself: 4 MiB, of which only the used ones are there.
 */
export const SLOTS = 1024;

/** Pages of WebAssembly memory. */
export const WASM_PAGE_BYTES = 65_536;

/** Where things are in the memory of the code of a program, in bytes. */
export interface WasmLayout {
  /** By slot, the number of the page (u64) that is in it; all ones where there is none. */
  readonly tags: number;
  /** 16 bytes that are passed between the code and its surroundings. */
  readonly scratch: number;
  /** The result area. */
  readonly area: number;
  readonly areaBytes: number;
  /** Temporaries that live longer than one piece of code; 8 bytes each. */
  readonly temps: number;
  /** The program's own memory, and its constant data right behind it, as in a module. */
  readonly own: number;
  readonly ownBytes: number;
  /** {@link SLOTS} pages of the memory that the program reads. */
  readonly slots: number;
  readonly sizeBytes: number;
}

/** Throws PROGRAM_TOO_LARGE where the results would not fit. */
export function layOut(program: IrProgram): WasmLayout {
  const areaBytes = layoutData(program).resultBytes;
  const tags = 0;
  const scratch = tags + SLOTS * 8;
  const area = scratch + 16;
  const temps = roundUp(area + areaBytes, 8);
  const own = roundUp(temps + program.tempCount * 8, 16);
  const ownBytes = program.localBytes + program.data.length;
  const slots = roundUp(own + ownBytes, PAGE_BYTES);
  const sizeBytes = roundUp(slots + SLOTS * PAGE_BYTES, WASM_PAGE_BYTES);
  return { tags, scratch, area, areaBytes, temps, own, ownBytes, slots, sizeBytes };
}
