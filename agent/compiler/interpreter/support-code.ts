import { RESULT_HEADER, ROW_HEADER_BYTES } from '../codegen/index.ts';
import type { ScalarBytes } from '../ir/index.ts';
import { OWN_ADDRESS } from './machine.ts';
import { NO_VALUE, WASM, WASM_TYPE, WasmCode } from './wasm-code.ts';
import { PAGE_BITS, PAGE_BYTES, SLOTS, type WasmLayout } from './wasm-layout.ts';

/** Globals of the module, by index. */
export const GLOBAL = {
  /** Steps that are left until the code yields. */
  LEFT: 0,
  /** 1 after a read that found no memory. */
  FAULT: 1,
  /** Turns of loops that are left. */
  FUEL: 2,
} as const;

/** Functions of the module, by index; the first three are imported. */
export const FUNCTION = {
  /** (low, high, count, to: i32) → 1 where all was there, 0 where not. */
  FETCH: 0,
  /**
   * (low, high, tree: i32) → 1 where the tree makes sense; the struct pid and its number are in the scratch.
   */
  NEXT_PID: 1,
  /** (low, high, count, to: i32) → 1. Writes the name of a symbol to own memory. */
  SYMBOL_NAME: 2,
  /** (address: i64) → i64. */
  READ_1: 3,
  READ_2: 4,
  READ_4: 5,
  READ_8: 6,
  /** (address: i64, to, count: i32). */
  READ_STRING: 7,
  /** (report, from, count: i32). */
  ROW: 8,
  /** (address: i64, count: i32) → where that own memory is; traps where it is not all own. */
  OWN: 9,
  /** (next: i32) → where it goes on, or -1 at its end. */
  RUN: 10,
} as const;

/** What a read that leaves the code costs, in steps: it may read a page of the kernel. */
const MISS_STEPS = 512;

/** The length of a string that cannot be read; callers do not ask which error it is. */
const EFAULT = -14n;

export const LOADS: Readonly<Record<ScalarBytes, number>> = {
  1: WASM.I64_LOAD8_U,
  2: WASM.I64_LOAD16_U,
  4: WASM.I64_LOAD32_U,
  8: WASM.I64_LOAD,
};

export const STORES: Readonly<Record<ScalarBytes, number>> = {
  1: WASM.I64_STORE8,
  2: WASM.I64_STORE16,
  4: WASM.I64_STORE32,
  8: WASM.I64_STORE,
};

export const READS: Readonly<Record<ScalarBytes, number>> = {
  1: FUNCTION.READ_1,
  2: FUNCTION.READ_2,
  4: FUNCTION.READ_4,
  8: FUNCTION.READ_8,
};

/** Bodies of the functions from READ_1 to OWN, in the order of {@link FUNCTION}. */
export function supportBodies(layout: WasmLayout): Uint8Array[] {
  const sizes: readonly ScalarBytes[] = [1, 2, 4, 8];
  return [
    ...sizes.map(bytes => readBody(layout, bytes)),
    readStringBody(layout),
    rowBody(layout),
    ownBody(layout),
  ];
}

/** A body: its further locals by type, and its code. */
export function body(locals: readonly number[], code: WasmCode): Uint8Array {
  const head = new WasmCode().count(locals.length);
  for (const type of locals) head.count(1).put(type);
  return head.append(code.bytes).put(WASM.END).bytes;
}

/**
 * A read at any address: in the page that is in the slot of the address; else in own memory; else from
 * outside, which puts the page into its slot.
 */
function readBody(layout: WasmLayout, bytes: ScalarBytes): Uint8Array {
  const code = new WasmCode();
  const [address, slot] = [0, 1];
  const within = (): WasmCode =>
    code
      .indexed(WASM.GET, address)
      .put(WASM.I32_WRAP_I64)
      .i32(PAGE_BYTES - 1)
      .put(WASM.I32_AND);
  const page = (): WasmCode => code.indexed(WASM.GET, address).i64(BigInt(PAGE_BITS)).put(WASM.I64_SHR_U);
  page()
    .put(WASM.I32_WRAP_I64)
    .i32(SLOTS - 1)
    .put(WASM.I32_AND)
    .indexed(WASM.TEE, slot);
  code.i32(3).put(WASM.I32_SHL).memory(WASM.I64_LOAD, layout.tags);
  page().put(WASM.I64_EQ);
  if (bytes > 1) {
    within()
      .i32(PAGE_BYTES - bytes)
      .put(WASM.I32_GT_U, WASM.I32_EQZ, WASM.I32_AND);
  }
  code.put(WASM.IF, NO_VALUE).indexed(WASM.GET, slot).i32(PAGE_BITS).put(WASM.I32_SHL);
  within().put(WASM.I32_ADD).memory(LOADS[bytes], layout.slots).put(WASM.RETURN, WASM.END);
  if (layout.ownBytes >= bytes) {
    const offset = (): WasmCode => code.indexed(WASM.GET, address).i64(OWN_ADDRESS).put(WASM.I64_SUB);
    offset()
      .i64(BigInt(layout.ownBytes - bytes))
      .put(WASM.I64_LE_U, WASM.IF, NO_VALUE);
    offset().put(WASM.I32_WRAP_I64).memory(LOADS[bytes], layout.own).put(WASM.RETURN, WASM.END);
  }
  fetch(code, address, () => code.i32(bytes).i32(layout.scratch));
  code.put(WASM.I32_EQZ, WASM.IF, NO_VALUE).i32(1).indexed(WASM.GLOBAL_SET, GLOBAL.FAULT);
  code.i64(0n).put(WASM.RETURN, WASM.END);
  code.i32(0).memory(LOADS[bytes], layout.scratch);
  return body([WASM_TYPE.I32], code);
}

/** Calls {@link FUNCTION.FETCH} for the address in a local; `rest` pushes the count and where it goes. */
export function fetch(code: WasmCode, address: number, rest: () => void): void {
  code.indexed(WASM.GLOBAL_GET, GLOBAL.LEFT).i32(MISS_STEPS).put(WASM.I32_SUB);
  code.indexed(WASM.GLOBAL_SET, GLOBAL.LEFT);
  code.indexed(WASM.GET, address).put(WASM.I32_WRAP_I64);
  code.indexed(WASM.GET, address).i64(32n).put(WASM.I64_SHR_U, WASM.I32_WRAP_I64);
  rest();
  code.indexed(WASM.CALL, FUNCTION.FETCH);
}

/**
 * As strncpy_from_kernel_nofault(), byte by byte: before the text the length with its NUL, the limit where
 * there is none, or an error.
 */
function readStringBody(layout: WasmLayout): Uint8Array {
  const code = new WasmCode();
  const [address, to, count, done, byte] = [0, 1, 2, 3, 4];
  const textStart = layout.own + 8;
  const setLength = (push: () => void): void => {
    code.indexed(WASM.GET, to);
    push();
    code.memory(WASM.I64_STORE, layout.own).put(WASM.RETURN);
  };
  const clear = (): void => {
    code.indexed(WASM.GET, to).i32(textStart).put(WASM.I32_ADD).i32(0).indexed(WASM.GET, count).fillMemory();
  };
  clear();
  code.put(WASM.LOOP, NO_VALUE);
  code.indexed(WASM.GET, address).indexed(WASM.GET, done).put(WASM.I64_EXTEND_I32_U, WASM.I64_ADD);
  code.indexed(WASM.CALL, FUNCTION.READ_1).put(WASM.I32_WRAP_I64).indexed(WASM.SET, byte);
  code.indexed(WASM.GLOBAL_GET, GLOBAL.FAULT).put(WASM.IF, NO_VALUE);
  code.i32(0).indexed(WASM.GLOBAL_SET, GLOBAL.FAULT);
  clear();
  setLength(() => code.i64(EFAULT));
  code.put(WASM.END);
  code.indexed(WASM.GET, to).indexed(WASM.GET, done).put(WASM.I32_ADD).indexed(WASM.GET, byte);
  code.memory(WASM.I32_STORE8, textStart);
  code.indexed(WASM.GET, done).i32(1).put(WASM.I32_ADD).indexed(WASM.SET, done);
  code.indexed(WASM.GET, byte).put(WASM.I32_EQZ, WASM.IF, NO_VALUE);
  setLength(() => code.indexed(WASM.GET, done).put(WASM.I64_EXTEND_I32_U));
  code.put(WASM.END);
  code.indexed(WASM.GET, done).indexed(WASM.GET, count).put(WASM.I32_GE_U, WASM.I32_EQZ);
  code.indexed(WASM.BR_IF, 0).put(WASM.END);
  // No NUL was found: the last byte becomes one.
  code.indexed(WASM.GET, to).indexed(WASM.GET, count).put(WASM.I32_ADD).i32(0);
  code.memory(WASM.I32_STORE8, textStart - 1);
  setLength(() => code.indexed(WASM.GET, count).put(WASM.I64_EXTEND_I32_U));
  return body([WASM_TYPE.I32, WASM_TYPE.I32], code);
}

/** Appends a row to the result area, or counts it as dropped. */
function rowBody({ area, areaBytes, own }: WasmLayout): Uint8Array {
  const code = new WasmCode();
  const [report, from, count, used, end] = [0, 1, 2, 3, 4];
  code
    .i32(0)
    .memory(WASM.I64_LOAD, area + RESULT_HEADER.USED)
    .put(WASM.I32_WRAP_I64);
  code.indexed(WASM.TEE, used).i32(ROW_HEADER_BYTES).put(WASM.I32_ADD).indexed(WASM.GET, count);
  code.put(WASM.I32_ADD).indexed(WASM.TEE, end).i32(areaBytes).put(WASM.I32_GT_U, WASM.IF, NO_VALUE);
  const dropped = area + RESULT_HEADER.DROPPED;
  code.i32(0).i32(0).memory(WASM.I64_LOAD, dropped).i64(1n).put(WASM.I64_ADD);
  code.memory(WASM.I64_STORE, dropped).put(WASM.RETURN, WASM.END);
  code.i32(0).indexed(WASM.GET, end).put(WASM.I64_EXTEND_I32_U);
  code.memory(WASM.I64_STORE, area + RESULT_HEADER.USED);
  code.indexed(WASM.GET, used).indexed(WASM.GET, report).memory(WASM.I32_STORE, area);
  code
    .indexed(WASM.GET, used)
    .indexed(WASM.GET, count)
    .memory(WASM.I32_STORE, area + 4);
  code
    .indexed(WASM.GET, used)
    .i32(area + ROW_HEADER_BYTES)
    .put(WASM.I32_ADD);
  code.indexed(WASM.GET, from).i32(own).put(WASM.I32_ADD).indexed(WASM.GET, count).copyMemory();
  return body([WASM_TYPE.I32, WASM_TYPE.I32], code);
}

/**
 * Threat: a program that is approved as a read writes. The code has no way to memory that is not its own;
 * what it would write elsewhere ends it by a trap, which is an error of farcall.
 */
function ownBody({ own, ownBytes }: WasmLayout): Uint8Array {
  const code = new WasmCode();
  const [address, count] = [0, 1];
  const offset = (): WasmCode => code.indexed(WASM.GET, address).i64(OWN_ADDRESS).put(WASM.I64_SUB);
  // The address must not lie before own memory, nor its end behind it; neither sum can wrap.
  offset().i64(BigInt(ownBytes)).put(WASM.I64_LE_U);
  offset().indexed(WASM.GET, count).put(WASM.I64_EXTEND_I32_U, WASM.I64_ADD).i64(BigInt(ownBytes));
  code.put(WASM.I64_LE_U, WASM.I32_AND, WASM.I32_EQZ, WASM.IF, NO_VALUE, WASM.UNREACHABLE, WASM.END);
  offset().put(WASM.I32_WRAP_I64).i32(own).put(WASM.I32_ADD);
  return body([], code);
}
