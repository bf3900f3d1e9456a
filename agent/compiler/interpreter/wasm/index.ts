export { layOut, PAGE_BITS, PAGE_BYTES, SLOTS, type WasmLayout } from './layout.ts';
export { giveMemoryBack, takeMemory, type WasmMemory } from './memory-pool.ts';
export { wasmModule } from './wasm-module.ts';
