import { FarcallError } from '../../../shared/errors/index.ts';
import { BTF_KIND, type Btf } from '../btf/index.ts';
import { ByteWriter } from '../bytes/index.ts';
import type { FaultEntry, Relocation } from '../codegen/index.ts';
import type { SymbolTable } from '../facts/index.ts';

/**
 * What follows the two distances of an entry. A word: a number for each kind of fixup, whose plain one the
 * machine knows (since 5.16). A function: x86 before. Nothing: arm64 before.
 */
export type FaultHandler =
  | { readonly kind: 'word' | 'nothing'; readonly function: undefined }
  | { readonly kind: 'function'; readonly function: { readonly name: string; readonly address: bigint } };

/**
 * Section `__ex_table`: where the kernel goes on after a fault at an instruction. Distances are from the word
 * itself; the kernel sorts the table when it loads the module.
 *
 *     struct exception_table_entry { int insn; int fixup; int data; }               x86
 *     struct exception_table_entry { int insn; int fixup; short type, data; }       arm64
 */
export function exceptionTable(
  faults: readonly FaultEntry[],
  handler: FaultHandler,
  { plainFixup, text }: { readonly plainFixup: number; readonly text: string },
): { readonly bytes: Uint8Array; readonly relocations: Relocation[] } {
  const writer = new ByteWriter();
  const relocations: Relocation[] = [];
  const distance = (symbol: string, addend: number): void => {
    relocations.push({ kind: 'pc32', offset: writer.length, symbol, addend: BigInt(addend) });
    writer.u32(0);
  };
  for (const { at, resumeAt } of faults) {
    distance(text, at);
    distance(text, resumeAt);
    if (handler.kind === 'function') distance(handler.function.name, 0);
    else if (handler.kind === 'word') writer.u32(plainFixup);
  }
  return { bytes: writer.finish(), relocations };
}

/** Reads from BTF which of the forms this kernel has. Throws KERNEL_LACKS where it is none. */
export function faultHandler(btf: Btf, symbols: SymbolTable): FaultHandler {
  const id = btf.find('exception_table_entry', BTF_KIND.STRUCT)[0];
  const names = id === undefined ? [] : btf.members(id).map(({ name }) => name);
  const sizeBytes = id === undefined ? 0 : btf.size(id);
  if (sizeBytes === DISTANCES_BYTES) return { kind: 'nothing', function: undefined };
  if (sizeBytes !== DISTANCES_BYTES + 4)
    throw lacks('an exception table in a form that is known here: bit fields cannot be written');
  if (names[2] !== 'handler') return { kind: 'word', function: undefined };
  const symbol = symbols.lookup('ex_handler_default')[0];
  if (!symbol) throw lacks('ex_handler_default: bit fields cannot be written');
  // A name of its own: a program may call a function that is named like the handler.
  return { kind: 'function', function: { name: `${symbol.name}.handler`, address: symbol.address } };
}

/** `int insn; int fixup;` */
const DISTANCES_BYTES = 8;

function lacks(what: string): FarcallError {
  return new FarcallError('KERNEL_LACKS', `this kernel lacks ${what}`);
}
