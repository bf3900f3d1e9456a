/** One line of /proc/kallsyms: `ffffffff810d1a40 T _printk` or `ffffffffc0201000 t nfsd_svc\t[nfsd]`. */
export interface KernelSymbol {
  readonly name: string;
  /** Virtual address, unsigned. */
  readonly address: bigint;
  /** nm(1)'s letter: T and t are text, D d B b R r data, W w V v weak, A a absolute. */
  readonly type: string;
  /** The module that holds it; undefined for the kernel itself. */
  readonly module: string | undefined;
}

/** The kernel's names and addresses. What is missing is `[]` or undefined, never an error. */
export interface SymbolTable {
  /** All symbols of exactly this name, in the order of the table. */
  lookup(name: string): readonly KernelSymbol[];
  /**
   * Symbols named `name` plus a compiler's suffix: `name.constprop.0`, `name.isra.0`, `name.part.0`,
   * `name.cold`.
   */
  variants(name: string): readonly KernelSymbol[];
  /** Up to `limit` names near to `name` (for "did you mean"), the nearest first. */
  similar(name: string, limit: number): readonly string[];
  /** The names of all symbols that begin at exactly this address; absent where addresses are made up. */
  namesAt?(address: bigint): readonly string[];
  /** The last symbol at or before `address`, with the distance, where one is near enough to contain it. */
  containing(address: bigint): { readonly symbol: KernelSymbol; readonly offset: bigint } | undefined;
}
