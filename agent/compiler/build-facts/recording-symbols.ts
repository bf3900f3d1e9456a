import type { SymbolLookup } from '../../../shared/messages/index.ts';
import type { KernelSymbol, SymbolTable } from '../facts/index.ts';

/** A symbol table that remembers what was looked up. */
export interface RecordingSymbols extends SymbolTable {
  /** Every look, each once, by name. */
  lookups(): SymbolLookup[];
}

/**
 * Records the looks into `symbols`. Near names are for messages only, and what contains an address for
 * results.
 */
export function recordSymbols(symbols: SymbolTable): RecordingSymbols {
  const looks = new Map<string, SymbolLookup>();
  const look = (name: string, variants: boolean): readonly KernelSymbol[] => {
    const found = variants ? symbols.variants(name) : symbols.lookup(name);
    looks.set(`${name} ${variants}`, { name, variants, found: found.map(toFact) });
    return found;
  };
  return {
    lookup: name => look(name, false),
    variants: name => look(name, true),
    similar: (name, limit) => symbols.similar(name, limit),
    containing: address => symbols.containing(address),
    namesAt: address => symbols.namesAt?.(address) ?? [],
    lookups: () => [...looks.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each),
  };
}

/** A symbol table with nothing but what was looked up. */
export function symbolsOf(lookups: readonly SymbolLookup[]): SymbolTable {
  const found = new Map<string, readonly KernelSymbol[]>();
  for (const each of lookups) found.set(`${each.name} ${each.variants}`, each.found.map(toSymbol));
  return {
    lookup: name => found.get(`${name} false`) ?? [],
    variants: name => found.get(`${name} true`) ?? [],
    similar: () => [],
    containing: () => undefined,
  };
}

function toFact({ name, address, type, module = '' }: KernelSymbol): SymbolLookup['found'][number] {
  return { name, address: address.toString(16), type, module };
}

function toSymbol({ name, address, type, module }: SymbolLookup['found'][number]): KernelSymbol {
  return { name, address: BigInt(`0x${address}`), type, module: module === '' ? undefined : module };
}
