import type { KernelSymbol, SymbolTable } from '../../compiler/index.ts';
import { toAddress } from '../kcore/index.ts';
import { AddressSearch } from './address-search.ts';
import { similarNames } from './similar-names.ts';
import type { SymbolStore } from './symbol-store.ts';
import { findVariants } from './symbol-variants.ts';

/** Gives the symbols of the modules that are loaded now: the same object as long as nothing changed. */
export type ModuleSymbols = () => SymbolStore;

/**
 * The kernel's own symbols over those of its modules. The kernel's win: modules are looked at only for names and
 * addresses that the kernel itself does not have. That keeps answers the same whichever source the symbols came
 * from, and keeps the slow reading of module symbols out of the common case.
 */
export class LayeredTable implements SymbolTable {
  readonly #kernel: SymbolStore;
  readonly #kernelSearch: AddressSearch;
  readonly #modules: ModuleSymbols;
  #moduleSearch: { readonly store: SymbolStore; readonly search: AddressSearch } | undefined;

  constructor(kernel: SymbolStore, modules: ModuleSymbols) {
    this.#kernel = kernel;
    this.#kernelSearch = new AddressSearch(kernel, true);
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
    return located(this.#kernel, this.#kernelSearch, at) ?? this.#containingInModules(at);
  }

  #inLayers(find: (store: SymbolStore) => readonly number[]): readonly KernelSymbol[] {
    const inKernel = find(this.#kernel);
    if (inKernel.length > 0) return inKernel.map(index => this.#kernel.symbol(index));
    const modules = this.#modules();
    return find(modules).map(index => modules.symbol(index));
  }

  #containingInModules(address: bigint): ReturnType<SymbolTable['containing']> {
    const store = this.#modules();
    if (this.#moduleSearch?.store !== store) {
      this.#moduleSearch = { store, search: new AddressSearch(store, false) };
    }
    return located(store, this.#moduleSearch.search, address);
  }
}

function located(
  store: SymbolStore,
  search: AddressSearch,
  address: bigint,
): ReturnType<SymbolTable['containing']> {
  const index = search.find(address);
  if (index === undefined) return undefined;
  const symbol = store.symbol(index);
  return { symbol, offset: address - symbol.address };
}
