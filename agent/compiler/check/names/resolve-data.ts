import { FarcallError } from '../../../../shared/errors/index.ts';
import type { KernelSymbol } from '../../facts/index.ts';
import type { KernelNames } from './kernel-names.ts';
import { notInModule, unknownName } from './resolve-function.ts';

/**
 * The symbol `name` of this kernel, or of `module`. Throws SYMBOL_UNKNOWN, or SYMBOL_AMBIGUOUS where several
 * addresses have the name: a write to the wrong one corrupts a kernel.
 */
export function onlyDataSymbol(name: string, module: string | undefined, names: KernelNames): KernelSymbol {
  const symbols = names.symbols
    .lookup(name)
    .filter(symbol => module === undefined || symbol.module === module);
  const addresses = new Set(symbols.map(({ address }) => address));
  if (addresses.size > 1) {
    throw new FarcallError(
      'SYMBOL_AMBIGUOUS',
      `this kernel has ${addresses.size} symbols named '${name}'; write ${name}@module for the one of a module`,
    );
  }
  const symbol = symbols[0];
  if (!symbol && module !== undefined) throw notInModule(name, module, 'symbol');
  if (!symbol) throw unknownName(name, 'symbol', names);
  return symbol;
}
