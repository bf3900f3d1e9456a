import type { KernelSymbol } from '../../compiler/index.ts';

/**
 * What `SymbolStore.scan` hands out: the name is `bytes[start..end)`, valid only during the visit; `letter`
 * is that of its type.
 */
export type NameVisitor = (
  handle: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  letter: number,
) => void;

/**
 * Many symbols in little memory, each known by a handle: a number that only its store understands. There are
 * two kinds, over text and over the compressed table. A third needs these methods, and `LayeredTable`
 * does the rest.
 *
 * The stores keep the bytes as the kernel has them and search them with the runtime's own byte search,
 * instead of building an index: a loop over 200,000 names costs a cold JavaScript engine more than the whole
 * call may take.
 */
export interface SymbolStore {
  /** Everything of one symbol. */
  symbol(handle: number): KernelSymbol;
  /** Its address alone. */
  address(handle: number): bigint;
  /** All symbols of exactly this name, in the order of the table. */
  find(name: string): readonly number[];
  /** Visits each name whose length is within the bounds, in the order of the table. */
  scan(minLength: number, maxLength: number, visit: NameVisitor): void;
  /** All symbols that begin at exactly `address`. */
  at(address: bigint): readonly number[];
  /** The symbol that contains `address`; of several at one address the first, as the kernel itself does. */
  containing(address: bigint): number | undefined;
}

/** Lengths of names that can be a symbol's. */
export const NAME_LENGTHS = { least: 1, most: 512 };

/** Most bytes from the start of a symbol that can belong to it: no object of a kernel is larger. */
export const SYMBOL_MAX_BYTES = 4n * 1024n * 1024n;
