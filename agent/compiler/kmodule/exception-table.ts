import { FarcallError } from '../../../shared/errors/index.ts';
import { BTF_KIND, type Btf } from '../btf/index.ts';
import { ByteWriter } from '../bytes/index.ts';
import type { FaultEntry, Relocation } from '../codegen/index.ts';
import type { SymbolTable } from '../facts/index.ts';

/** What the third word of an entry says: a function on kernels before 5.16, a number since (EX_TYPE_DEFAULT). */
export interface FaultHandler {
  readonly function: { readonly name: string; readonly address: bigint } | undefined;
}

const ENTRY_BYTES = 12;

/** Resumes at the fixup and does nothing else (arch/x86/include/asm/extable_fixup_types.h, v6.12). */
const EX_TYPE_DEFAULT = 1;

/**
 * Section `__ex_table`: where the kernel goes on after a fault at an instruction. Distances are from the word itself; the
 * kernel sorts the table when it loads the module.
 *
 *     struct exception_table_entry { int insn; int fixup; int data; }
 */
export function exceptionTable(
  faults: readonly FaultEntry[],
  handler: FaultHandler,
): { readonly bytes: Uint8Array; readonly relocations: Relocation[] } {
  const writer = new ByteWriter();
  const relocations: Relocation[] = [];
  const distance = (symbol: string, addend: number): void => {
    relocations.push({ kind: 'pc32', offset: writer.length, symbol, addend: BigInt(addend) });
    writer.u32(0);
  };
  for (const { at, resumeAt } of faults) {
    distance('.init.text', at);
    distance('.init.text', resumeAt);
    if (handler.function) distance(handler.function.name, 0);
    else writer.u32(EX_TYPE_DEFAULT);
  }
  return { bytes: writer.finish(), relocations };
}

/** Reads from BTF which of the two forms this kernel has. Throws KERNEL_LACKS where it is neither. */
export function faultHandler(btf: Btf, symbols: SymbolTable): FaultHandler {
  const id = btf.find('exception_table_entry', BTF_KIND.STRUCT)[0];
  const names = id === undefined ? [] : btf.members(id).map(({ name }) => name);
  if (id === undefined || btf.size(id) !== ENTRY_BYTES)
    throw lacks('an exception table in a form that is known here: bit fields cannot be written');
  if (names[2] !== 'handler') return { function: undefined };
  const symbol = symbols.lookup('ex_handler_default')[0];
  if (!symbol) throw lacks('ex_handler_default: bit fields cannot be written');
  // A name of its own: a program may call a function that is named like the handler.
  return { function: { name: `${symbol.name}.handler`, address: symbol.address } };
}

function lacks(what: string): FarcallError {
  return new FarcallError('KERNEL_LACKS', `this kernel lacks ${what}`);
}
