import { bestSymbolAt, type SymbolTable } from '../facts/index.ts';

/**
 * Writes `name+0x10`, or `name+0x10 [module]`, of the symbol that contains an address, or the address itself
 * where none does, and zeros behind that. The kernel's own sprint_symbol() adds the size of the symbol, which
 * is not known here.
 */
export function writeSymbolName(
  symbols: SymbolTable | undefined,
  address: bigint,
  to: Uint8Array,
): undefined {
  const found = symbols && bestSymbolAt(symbols, address);
  const text = Buffer.from(found ? spelled(found) : `0x${address.toString(16)}`).subarray(0, to.length - 1);
  to.fill(0);
  to.set(text);
}

function spelled({ symbol, offset }: NonNullable<ReturnType<typeof bestSymbolAt>>): string {
  const module = symbol.module === undefined ? '' : ` [${symbol.module}]`;
  return `${symbol.name}+0x${offset.toString(16)}${module}`;
}
