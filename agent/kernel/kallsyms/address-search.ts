import type { SymbolStore } from './symbol-store.ts';

/** Farther than this from its start nothing is taken to belong to a symbol: no object of a kernel is larger. */
const SYMBOL_MAX_BYTES = 4n * 1024n * 1024n;

/**
 * Finds the symbol in which an address lies, by halving. The kernel's own table is sorted by address
 * (scripts/kallsyms.c); the symbols of modules are not, and get an order of their own on first use.
 */
export class AddressSearch {
  readonly #store: SymbolStore;
  /** Indices by address; undefined where the store itself is sorted. */
  readonly #order: Uint32Array | undefined;

  constructor(store: SymbolStore, sorted: boolean) {
    this.#store = store;
    this.#order = sorted ? undefined : orderByAddress(store);
  }

  /** The index of the symbol that holds `address`; of several at one address the first, as the kernel itself does. */
  find(address: bigint): number | undefined {
    let low = 0;
    let high = this.#store.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#address(middle) <= address) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    const start = this.#address(low - 1);
    const isLast = low === this.#store.count;
    if (address - start >= (isLast ? 1n : SYMBOL_MAX_BYTES)) return undefined;
    let first = low - 1;
    while (first > 0 && this.#address(first - 1) === start) first--;
    return this.#index(first);
  }

  #address(place: number): bigint {
    return this.#store.address(this.#index(place));
  }

  #index(place: number): number {
    return this.#order === undefined ? place : this.#order[place]!;
  }
}

function orderByAddress(store: SymbolStore): Uint32Array {
  const addresses = new BigUint64Array(store.count);
  for (let index = 0; index < store.count; index++) addresses[index] = store.address(index);
  const order = Uint32Array.from({ length: store.count }, (_, index) => index);
  return order.sort((a, b) => {
    const first = addresses[a]!;
    const second = addresses[b]!;
    return first < second ? -1 : first > second ? 1 : a - b;
  });
}
