import type { SymbolTable } from '../../compiler/index.ts';
import { type KernelMemory, MemoryFault, viewOf } from '../kcore/index.ts';

/** A function of kernel/cfi.c: a kernel has it if, and only if, it was built with kCFI. */
const KCFI_MARK = 'report_cfi_failure';
const FUNCTIONS_MAX = 4096;
/** Fewer agreeing functions than this are chance. */
const AGREEING_MIN = 3;
/**
 * `b8 <u32>`: mov $hash, %eax. It is 5 bytes before an x86 function, or 16 if there is space for call
 * padding.
 */
const X86_MOV_EAX = 0xb8;

/**
 * The type hash that this kernel, if built with kCFI, has before functions of the type whose addresses are
 * given (for a module's init: those of type `int (void)`, from BTF). It is the most common one, because the
 * type of a function in BTF may have lost qualifiers that the hash knows. Undefined for a kernel without
 * kCFI.
 */
export function readKcfiHash(
  memory: KernelMemory,
  symbols: SymbolTable,
  functions: Iterable<bigint>,
): number | undefined {
  if (symbols.lookup(KCFI_MARK).length === 0) return undefined;
  const votes = new Map<number, number>();
  let looked = 0;
  for (const address of functions) {
    if (++looked > FUNCTIONS_MAX) break;
    const hash = hashBefore(memory, address);
    if (hash !== undefined) votes.set(hash, (votes.get(hash) ?? 0) + 1);
  }
  const [best] = [...votes].sort((a, b) => b[1] - a[1]);
  return best !== undefined && best[1] >= AGREEING_MIN ? best[0] : undefined;
}

/**
 * The type hash before functions that are known to have a type because the kernel itself calls them as
 * handlers. Undefined for a kernel without kCFI, where none of them is there, or where they disagree.
 */
export function readHandlerHash(
  memory: KernelMemory,
  symbols: SymbolTable,
  names: readonly string[],
): number | undefined {
  if (symbols.lookup(KCFI_MARK).length === 0) return undefined;
  const found = names
    .flatMap(name => symbols.lookup(name))
    .map(({ address }) => hashBefore(memory, address))
    .filter(hash => hash !== undefined);
  return new Set(found).size === 1 ? found[0] : undefined;
}

/** Functions that kernels with kprobes have as handlers of them (kernel/kprobes.c, kernel/trace, v6.12). */
export const ENTRY_HANDLERS = ['aggr_pre_handler', 'pre_handler_kretprobe', 'kprobe_dispatcher'] as const;

/** The same for kretprobes. */
export const RETURN_HANDLERS = ['kretprobe_dispatcher', 'trace_kprobe_entry_handler'] as const;

/** The u32 before a function; on x86 it is the operand of a mov, elsewhere it is a plain word. */
function hashBefore(memory: KernelMemory, address: bigint): number | undefined {
  try {
    const before = memory.read(address - 16n, 16);
    const view = viewOf(before);
    if (before[0] === X86_MOV_EAX) return view.getUint32(1, true);
    const plain = view.getUint32(12, true);
    return isFiller(plain) ? undefined : plain;
  } catch (thrown) {
    if (thrown instanceof MemoryFault) return undefined;
    throw thrown;
  }
}

/** Padding between functions rather than a hash: zeros, x86 one-byte nops or traps, an aarch64 nop. */
function isFiller(word: number): boolean {
  return word === 0 || word === 0x90909090 || word === 0xcccccccc || word === 0xd503201f;
}
