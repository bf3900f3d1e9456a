import type { KernelSymbol } from '../../compiler/index.ts';

/** What `SymbolStore.scan` hands out: the name is `bytes[start..end)`, valid only during the visit. */
export type NameVisitor = (index: number, bytes: Uint8Array, start: number, end: number) => void;

/**
 * Many symbols in little memory, counted from 0 in the order of the kernel's table. Two stores exist, one filled
 * from text and one over the compressed table; whoever adds a third gives it these five and `tableOf` does the rest.
 */
export interface SymbolStore {
  readonly count: number;
  /** Everything of symbol `index`. */
  symbol(index: number): KernelSymbol;
  /** The address alone. */
  address(index: number): bigint;
  /** The indices of all symbols of exactly this name, ascending. */
  find(name: string): readonly number[];
  /** Visits each name whose length is within the bounds, ascending by index. */
  scan(minLength: number, maxLength: number, visit: NameVisitor): void;
}

/** Longest symbol name that is taken; the kernel's own limit is KSYM_NAME_LEN, 512 since 6.1. */
export const NAME_MAX_BYTES = 1024;

/** Most symbols that are taken; a kernel has some 120,000 to 250,000. */
export const SYMBOLS_MAX = 4_000_000;

const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the bytes of a name, unsigned. */
export function hashName(bytes: Uint8Array, start: number, end: number): number {
  let hash = FNV_BASIS;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME);
  return hash >>> 0;
}
