import { FarcallError } from '../../../shared/errors/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import type { KernelSymbol, SymbolTable } from '../../compiler/index.ts';

/**
 * The address to which x86-64 kernels are linked (__START_KERNEL, arch/x86/include/asm/page_64_types.h,
 * v6.12); any address would do.
 */
const LINKED_AT = 0xffff_ffff_8100_0000n;

/** KASLR moves nothing below this: here are per-CPU offsets and other numbers. */
const MOVED_FROM = 1n << 63n;

/**
 * Where symbols without a fixed distance to the kernel's own are put, each at some distance from the next.
 */
const STAND_INS_AT = 0xffff_ffff_c000_0000n;
const ROOM = 1n << 12n;

/**
 * A kernel's symbols at their link-time addresses: names, kinds and distances within the kernel are true, and
 * none of them tells where the running kernel is. Symbols of modules get an address derived from their name.
 *
 * Threat: an attacker who learns where the kernel is in memory needs no other leak (KASLR). An address need
 * not be printed for that: a sum, a difference, or the digest of a module that holds it reveals it as well.
 * So a program that nobody has approved is compiled and planned with these symbols.
 */
export class LinkTimeSymbols implements SymbolTable {
  readonly #symbols: SymbolTable;
  readonly #base: bigint;
  readonly #standIns = new Map<bigint, KernelSymbol>();

  /** Throws KERNEL_LACKS if the table has no symbol at the start of the kernel. */
  constructor(symbols: SymbolTable) {
    const start = symbols.lookup('_text')[0] ?? symbols.lookup('_stext')[0];
    if (!start) throw new FarcallError('KERNEL_LACKS', 'this kernel has no symbol _text or _stext');
    this.#symbols = symbols;
    this.#base = start.address;
  }

  lookup(name: string): readonly KernelSymbol[] {
    return this.#symbols.lookup(name).map(symbol => this.#moved(symbol));
  }

  variants(name: string): readonly KernelSymbol[] {
    return this.#symbols.variants(name).map(symbol => this.#moved(symbol));
  }

  similar(name: string, limit: number): readonly string[] {
    return this.#symbols.similar(name, limit);
  }

  containing(address: bigint): { readonly symbol: KernelSymbol; readonly offset: bigint } | undefined {
    const standIn = this.#standIns.get(address - (address % ROOM));
    if (standIn) return { symbol: standIn, offset: address % ROOM };
    if (address < MOVED_FROM) return undefined;
    const found = this.#symbols.containing(BigInt.asUintN(64, address - LINKED_AT + this.#base));
    if (!found || !this.#moves(found.symbol)) return undefined;
    return { symbol: this.#moved(found.symbol), offset: found.offset };
  }

  namesAt(address: bigint): readonly string[] {
    const standIn = this.#standIns.get(address);
    if (standIn) return [standIn.name];
    return this.#symbols.namesAt?.(BigInt.asUintN(64, address - LINKED_AT + this.#base)) ?? [];
  }

  /** Whether it is in the kernel's own image, whose parts KASLR moves together. */
  #moves({ module, type, address }: KernelSymbol): boolean {
    return module === undefined && type.toLowerCase() !== 'a' && address >= MOVED_FROM;
  }

  /** The symbol at its link-time address. */
  moved(symbol: KernelSymbol): KernelSymbol {
    return this.#moved(symbol);
  }

  #moved(symbol: KernelSymbol): KernelSymbol {
    if (this.#moves(symbol))
      return { ...symbol, address: BigInt.asUintN(64, symbol.address - this.#base + LINKED_AT) };
    return symbol.address < MOVED_FROM ? symbol : this.#standIn(symbol);
  }

  #standIn(symbol: KernelSymbol): KernelSymbol {
    const key = sha256(Buffer.from(`${symbol.module ?? ''} ${symbol.name}`, 'utf8'));
    const room = BigInt(Buffer.from(key).readUIntBE(0, 2));
    const standIn = { ...symbol, address: STAND_INS_AT + room * ROOM };
    this.#standIns.set(standIn.address, standIn);
    return standIn;
  }
}
