import type { KernelSymbol, SymbolTable } from './kernel-symbol.ts';

/**
 * The symbol that contains an address, by the name that people know it by, where several begin there: a
 * global one before a local one (`__x64_sys_getpid` before `__do_sys_getpid`), then one with fewer
 * underscores before it, then the shorter one, then by the alphabet.
 */
export function bestSymbolAt(
  symbols: SymbolTable,
  address: bigint,
): { readonly symbol: KernelSymbol; readonly offset: bigint } | undefined {
  const found = symbols.containing(address);
  const names = found && symbols.namesAt?.(found.symbol.address);
  if (!found || !names || names.length < 2) return found;
  const start = found.symbol.address;
  const aliases = names.flatMap(name => symbols.lookup(name).filter(each => each.address === start));
  const [best = found.symbol] = aliases.sort(byRenown);
  return { symbol: best, offset: found.offset };
}

function byRenown(a: KernelSymbol, b: KernelSymbol): number {
  return (
    locality(a) - locality(b) ||
    underscores(a) - underscores(b) ||
    a.name.length - b.name.length ||
    (a.name < b.name ? -1 : 1)
  );
}

/** nm(1)'s letters are capitals for global symbols. */
function locality({ type }: KernelSymbol): number {
  return type === type.toUpperCase() ? 0 : 1;
}

function underscores({ name }: KernelSymbol): number {
  return /^_*/.exec(name)![0].length;
}
