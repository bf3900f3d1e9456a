import { type KernelSymbol, type SymbolTable, similarNames } from '../../compiler/index.ts';
import { toAddress } from '../kcore/index.ts';
import type { SymbolStore } from './symbol-store.ts';
import { findVariants } from './symbol-variants.ts';

/**
 * The kernel's own symbols over those of its modules. The kernel's own come first: modules are searched only
 * for names and addresses that the kernel itself does not have. So the answers are the same for every source
 * of symbols, and the slow reading of module symbols is not part of the common case.
 */
export class LayeredTable implements SymbolTable {
  readonly #kernel: SymbolStore;
  readonly #modules: () => SymbolStore;

  /** `modules` returns the symbols of the modules that are loaded now; it is called at each lookup. */
  constructor(kernel: SymbolStore, modules: () => SymbolStore) {
    this.#kernel = kernel;
    this.#modules = modules;
  }

  lookup(name: string): readonly KernelSymbol[] {
    return this.#inLayers(store => store.find(name));
  }

  variants(name: string): readonly KernelSymbol[] {
    return this.#inLayers(store => findVariants(store, name));
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

  namesAt(address: bigint): readonly string[] {
    const at = toAddress(address);
    return this.#inLayers(store => store.at(at)).map(({ name }) => name);
  }

  #inLayers(find: (store: SymbolStore) => readonly number[]): readonly KernelSymbol[] {
    const inKernel = find(this.#kernel);
    if (inKernel.length > 0) return inKernel.map(handle => this.#kernel.symbol(handle));
    const modules = this.#modules();
    return find(modules).map(handle => modules.symbol(handle));
  }
}
