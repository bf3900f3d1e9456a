import type { KernelSymbol, SymbolTable } from '../../compiler/index.ts';
import { toAddress } from '../kcore/index.ts';
import { similarNames } from './similar-names.ts';
import type { SymbolStore } from './symbol-store.ts';
import { findVariants } from './symbol-variants.ts';

/** Names whose symbols are remembered; a stream of unknown names must not grow the memory for ever. */
const REMEMBERED_MAX = 4096;

/**
 * The kernel's own symbols over those of its modules. The kernel's win: modules are looked at only for names and
 * addresses that the kernel itself does not have. That keeps answers the same whichever source the symbols came
 * from, and keeps the slow reading of module symbols out of the common case.
 */
export class LayeredTable implements SymbolTable {
  readonly #kernel: SymbolStore;
  readonly #modules: () => SymbolStore;
  /** What the kernel itself has by a name: it stays as it is until the next boot. */
  readonly #remembered = new Map<string, readonly KernelSymbol[]>();

  /** `modules` gives the symbols of the modules that are loaded now; it is called for each question anew. */
  constructor(kernel: SymbolStore, modules: () => SymbolStore) {
    this.#kernel = kernel;
    this.#modules = modules;
  }

  lookup(name: string): readonly KernelSymbol[] {
    const own = this.#lookupOwn(name);
    return own.length > 0 ? own : symbolsOf(this.#modules(), name);
  }

  variants(name: string): readonly KernelSymbol[] {
    const own = findVariants(this.#kernel, name);
    if (own.length > 0) return own.map(handle => this.#kernel.symbol(handle));
    const modules = this.#modules();
    return findVariants(modules, name).map(handle => modules.symbol(handle));
  }

  similar(name: string, limit: number): readonly string[] {
    return similarNames([this.#kernel, this.#modules()], name, limit);
  }

  containing(address: bigint): { readonly symbol: KernelSymbol; readonly offset: bigint } | undefined {
    const at = toAddress(address);
    for (const layer of [() => this.#kernel, this.#modules]) {
      const store = layer();
      const handle = store.containing(at);
      if (handle === undefined) continue;
      const symbol = store.symbol(handle);
      return { symbol, offset: at - symbol.address };
    }
    return undefined;
  }

  #lookupOwn(name: string): readonly KernelSymbol[] {
    const known = this.#remembered.get(name);
    if (known) return known;
    const own = symbolsOf(this.#kernel, name);
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
    this.#remembered.set(name, own);
    return own;
  }
}

function symbolsOf(store: SymbolStore, name: string): readonly KernelSymbol[] {
  return store.find(name).map(handle => store.symbol(handle));
}
