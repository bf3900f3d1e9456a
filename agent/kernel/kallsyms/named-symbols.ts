import { isListedName, type KernelSymbol, type NamedSymbol, type NameKind } from '../../compiler/index.ts';
import { NAME_LENGTHS, type SymbolStore } from './symbol-store.ts';

/** A span of addresses, the end excluded. */
type Span = readonly [start: bigint, end: bigint];

/**
 * Where the kernel has what it frees after its start, and what exists once for each CPU
 * (include/asm-generic/sections.h, v6.12).
 */
interface Spans {
  readonly init: Span | undefined;
  readonly perCpu: Span | undefined;
}

/**
 * The symbols of the kernel and of its modules that a program could name, in an arbitrary order.
 *
 * Threat: an address, or an order of addresses, tells where a kernel is in memory (KASLR). So none is
 * returned: of each symbol only its name, its module, and its kind. The caller sorts them by name.
 */
export function* namedSymbols(kernel: SymbolStore, modules: SymbolStore): Generator<NamedSymbol> {
  const spans = { init: spanOf(kernel, '_sinittext', '_einittext'), perCpu: perCpuSpan(kernel) };
  for (const { handle, name, letter } of listed(kernel)) {
    const kind = kindOf(letter, kernel.address(handle), spans);
    yield { name, kind, module: undefined };
  }
  const none = { init: undefined, perCpu: undefined };
  for (const { handle, name, letter } of listed(modules)) {
    const { module } = modules.symbol(handle);
    yield { name, kind: kindOf(letter, 0n, none), module };
  }
}

/**
 * Every text symbol of the kernel and of its modules, with its address. For the search for functions that a
 * pointer may hold; of symbols that no program could name, too, because they may be other names of one
 * function.
 */
export function textSymbols(kernel: SymbolStore, modules: SymbolStore): KernelSymbol[] {
  const found: KernelSymbol[] = [];
  for (const store of [kernel, modules]) {
    const isKernel = store === kernel;
    store.scan(NAME_LENGTHS.least, NAME_LENGTHS.most, (handle, bytes, start, end, letter) => {
      const type = String.fromCharCode(letter);
      if (!/[TtWw]/.test(type)) return;
      const name = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
      const module = isKernel ? undefined : store.symbol(handle).module;
      found.push({ name, type, module, address: store.address(handle) });
    });
  }
  return found;
}

interface Listed {
  readonly handle: number;
  readonly name: string;
  readonly letter: string;
}

function listed(store: SymbolStore): readonly Listed[] {
  const found: Listed[] = [];
  store.scan(NAME_LENGTHS.least, NAME_LENGTHS.most, (handle, bytes, start, end, letter) => {
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
    if (isListedName(name)) found.push({ handle, name, letter: String.fromCharCode(letter) });
  });
  return found;
}

function kindOf(letter: string, address: bigint, { init, perCpu }: Spans): NameKind {
  if (/[TtWw]/.test(letter)) return isIn(init, address) ? 'i' : 'f';
  if (isIn(perCpu, address)) return 'p';
  return /[Aa]/.test(letter) ? 'o' : 'v';
}

function isIn(span: Span | undefined, address: bigint): boolean {
  return span !== undefined && address >= span[0] && address < span[1];
}

function spanOf(store: SymbolStore, start: string, end: string): Span | undefined {
  const [from, to] = [start, end].map(name => store.find(name)[0]);
  return from === undefined || to === undefined ? undefined : [store.address(from), store.address(to)];
}

/**
 * As for `KernelNames.isPerCpu`: if nothing tells which variables exist once for each CPU, all count as such.
 */
function perCpuSpan(store: SymbolStore): Span {
  return spanOf(store, '__per_cpu_start', '__per_cpu_end') ?? [0n, 1n << 64n];
}
