import { WASM_PAGE_BYTES } from './wasm-layout.ts';

/** A memory of WebAssembly. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The part of the JavaScript API of WebAssembly that is used here; Node's types do not have it. */
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number }) => WasmMemory;
};

/** A spare memory over this size is not kept: agents stay small. */
const SPARE_LIMIT_BYTES = 6 << 20;

/**
 * The memory that the last program has left. Each memory takes some GiB of addresses, which the kernel must
 * map and unmap, and stays until it is collected; so one is used again and again.
 */
let spare: WasmMemory | undefined;

/** A memory of at least `sizeBytes`, of which the first `zeroedBytes` are zeros. */
export function takeMemory(sizeBytes: number, zeroedBytes: number): WasmMemory {
  const memory = spare;
  const pages = sizeBytes / WASM_PAGE_BYTES;
  if (!memory) return new WebAssembly.Memory({ initial: pages });
  spare = undefined;
  const missing = pages - memory.buffer.byteLength / WASM_PAGE_BYTES;
  if (missing > 0) memory.grow(missing);
  // Threat: a program sees what another one has left there.
  new Uint8Array(memory.buffer, 0, zeroedBytes).fill(0);
  return memory;
}

/** Gives a memory back, which its program no longer uses. */
export function giveMemoryBack(memory: WasmMemory): void {
  if (memory.buffer.byteLength <= SPARE_LIMIT_BYTES) spare ??= memory;
}
