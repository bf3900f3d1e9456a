import type { IrProgram } from '../ir/index.ts';
import { type RunCode, runCode } from './run-code.ts';
import { FUNCTION, supportBodies } from './support-code.ts';
import { WASM, WASM_TYPE, WasmCode } from './wasm-code.ts';
import { WASM_PAGE_BYTES, type WasmLayout } from './wasm-layout.ts';

const { I32, I64 } = WASM_TYPE;

/** Types of functions: parameters, results. */
const TYPES: readonly (readonly [params: readonly number[], results: readonly number[]])[] = [
  [[I32, I32, I32, I32], [I32]],
  [[I32, I32, I32], [I32]],
  [[I64], [I64]],
  [[I64, I32, I32], []],
  [[I32, I32, I32], []],
  [[I64, I32], [I32]],
  [[I32], [I32]],
];

/**
 * The type of each function of the module, in the order of {@link FUNCTION}; the imported ones come first.
 */
const FUNCTION_TYPES: readonly number[] = [0, 1, 0, 2, 2, 2, 2, 3, 4, 5, 6];
const IMPORTED = ['fetch', 'nextPid', 'symbolName'];

/** Sections of a module (WebAssembly Core 2.0, 5.5). */
const SECTION = { TYPE: 1, IMPORT: 2, FUNCTION: 3, GLOBAL: 6, EXPORT: 7, CODE: 10 } as const;

/** Kinds of what is imported and exported. */
const KIND = { FUNCTION: 0, MEMORY: 2, GLOBAL: 3 } as const;

/** `\0asm`, version 1. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/**
 * A module of WebAssembly that runs a program that only reads. It imports `fetch`, `nextPid`, `symbolName`
 * and `memory` of `farcall`; it exports `run` and `left`.
 */
export interface WasmModule extends Omit<RunCode, 'body'> {
  readonly bytes: Uint8Array;
}

/** Translates a program. */
export function wasmModule(program: IrProgram, layout: WasmLayout): WasmModule {
  const { body, ...run } = runCode(program, layout);
  const module = new WasmCode().put(...MAGIC);
  const section = (id: number, items: readonly WasmCode[]): void => {
    const content = new WasmCode().count(items.length);
    for (const item of items) content.append(item.bytes);
    module.put(id).sized(content.bytes);
  };
  section(SECTION.TYPE, TYPES.map(functionType));
  const imported = (name: string): WasmCode => nameOf(nameOf(new WasmCode(), 'farcall'), name);
  section(SECTION.IMPORT, [
    ...IMPORTED.map((name, index) => imported(name).put(KIND.FUNCTION).count(FUNCTION_TYPES[index]!)),
    imported('memory')
      .put(KIND.MEMORY, 0)
      .count(layout.sizeBytes / WASM_PAGE_BYTES),
  ]);
  section(
    SECTION.FUNCTION,
    FUNCTION_TYPES.slice(IMPORTED.length).map(type => new WasmCode().count(type)),
  );
  section(SECTION.GLOBAL, [
    new WasmCode().put(I32, 1).i32(0).put(WASM.END),
    new WasmCode().put(I32, 1).i32(0).put(WASM.END),
    new WasmCode().put(I64, 1).i64(BigInt(program.fuel)).put(WASM.END),
  ]);
  section(SECTION.EXPORT, [
    nameOf(new WasmCode(), 'run').put(KIND.FUNCTION).count(FUNCTION.RUN),
    nameOf(new WasmCode(), 'left').put(KIND.GLOBAL, 0),
  ]);
  section(
    SECTION.CODE,
    [...supportBodies(layout), body].map(each => new WasmCode().sized(each)),
  );
  return { bytes: module.bytes, ...run };
}

function functionType([params, results]: (typeof TYPES)[number]): WasmCode {
  const type = new WasmCode()
    .put(0x60)
    .count(params.length)
    .put(...params);
  return type.count(results.length).put(...results);
}

function nameOf(code: WasmCode, name: string): WasmCode {
  return code.sized(Buffer.from(name));
}
