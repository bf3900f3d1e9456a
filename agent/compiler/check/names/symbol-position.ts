import { FarcallError } from '../../../../shared/errors/index.ts';
import type { KernelSymbol, SymbolTable } from '../../facts/index.ts';

/** What stands behind the `@` of a name, where it is a position and no module; there is a module `842`. */
const POSITION = /^[1-9][0-9]?$/;

/**
 * The position that `name@2` means, from 1: which of the symbols of one name in the kernel itself, by their
 * addresses. undefined for `name@module` and for `name`.
 */
export function positionOf(module: string | undefined): number | undefined {
  return module !== undefined && POSITION.test(module) ? Number(module) : undefined;
}

/** The module that `name@module` means; undefined for `name@2` and for `name`, which are the kernel's own. */
export function moduleOf(module: string | undefined): string | undefined {
  return positionOf(module) === undefined ? module : undefined;
}

/**
 * Those of `symbols` that `name`, `name@module` or `name@2` means: one for each address. Throws
 * SYMBOL_UNKNOWN where there are fewer than the position says, and SYMBOL_AMBIGUOUS where none is said.
 */
export function onlySymbol(
  symbols: readonly KernelSymbol[],
  {
    name,
    module,
    what,
    table,
  }: {
    readonly name: string;
    readonly module: string | undefined;
    readonly what: string;
    readonly table: Pick<SymbolTable, 'containing'>;
  },
): KernelSymbol | undefined {
  const position = positionOf(module);
  const holder = moduleOf(module);
  const fitting = symbols.filter(each => (module === undefined ? true : each.module === holder));
  const byAddress = [...new Map(fitting.map(each => [each.address, each])).values()];
  byAddress.sort((a, b) => (a.address < b.address ? -1 : 1));
  if (position !== undefined) {
    const chosen = byAddress[position - 1];
    if (chosen) return chosen;
    const count = byAddress.length === 0 ? 'no' : `only ${byAddress.length}`;
    throw new FarcallError('SYMBOL_UNKNOWN', `this kernel has ${count} ${what}s named '${name}'`);
  }
  if (byAddress.length < 2) return byAddress[0];
  const choices = byAddress.map(({ address, module }, index) => {
    const spelling = module === undefined ? `${name}@${index + 1}` : `${name}@${module}`;
    return `${spelling} at 0x${address.toString(16)}${neighbourOf(address, table)}`;
  });
  throw new FarcallError(
    'SYMBOL_AMBIGUOUS',
    `this kernel has ${byAddress.length} ${what}s named '${name}'; write which one: ${choices.join(', ')}`,
  );
}

/**
 * The symbol before an address. BTF and kallsyms name no source files, but a linker puts what comes from one
 * file together, so the neighbour tells which of several is meant.
 */
function neighbourOf(address: bigint, table: Pick<SymbolTable, 'containing'>): string {
  const before = table.containing(address - 1n);
  return before ? ` behind '${before.symbol.name}'` : '';
}
