import type { KernelSymbol } from '../../facts/index.ts';
import type { KernelNames } from './kernel-names.ts';
import { notInModule, unknownName } from './resolve-function.ts';
import { onlySymbol } from './symbol-position.ts';

/**
 * The symbol `name` of this kernel, `name@module` or `name@2`. Throws SYMBOL_UNKNOWN, or SYMBOL_AMBIGUOUS
 * where several addresses have the name: a write to the wrong one corrupts a kernel.
 */
export function onlyDataSymbol(name: string, module: string | undefined, names: KernelNames): KernelSymbol {
  const symbol = onlySymbol(names.symbols.lookup(name), {
    name,
    module,
    what: 'symbol',
    table: names.symbols,
  });
  if (!symbol && module !== undefined) throw notInModule(name, module, 'symbol');
  if (!symbol) throw unknownName(name, 'symbol', names);
  return symbol;
}
