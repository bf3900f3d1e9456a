import { FarcallError } from '../../../shared/errors/index.ts';
import type { KernelSymbol } from '../../compiler/index.ts';
import { type KernelMemory, readU32, readU64, type VmcoreInfo, viewOf } from '../kcore/index.ts';
import { CompressedNames } from './compressed-names.ts';
import { decodeOffset, detectEncoding, type OffsetBases, type OffsetEncoding } from './symbol-offsets.ts';
import { type NameVisitor, SYMBOL_MAX_BYTES, type SymbolStore } from './symbol-store.ts';
import { parseTokenIndex, parseTokenTable, tokenTableBytes } from './token-table.ts';

/** Most symbols that are taken; a kernel has some 90,000 to 250,000. */
const SYMBOLS_MAX = 4_000_000;
const NAMES_MAX_BYTES = 64 * 1024 * 1024;
/** The symbol whose address VMCOREINFO gives; the decoding is checked by it. */
const ANCHOR = '_stext';

/** The kernel's own symbols, as its memory holds them: some 17 bytes each. Made by `openCompressedStore`. */
export class CompressedStore implements SymbolStore {
  readonly #names: CompressedNames;
  readonly #offsets: DataView;
  readonly #bases: OffsetBases;
  /** How this kernel writes addresses. */
  readonly encoding: OffsetEncoding;

  constructor(names: CompressedNames, offsets: Uint8Array, bases: OffsetBases, encoding: OffsetEncoding) {
    this.#names = names;
    this.#offsets = viewOf(offsets);
    this.#bases = bases;
    this.encoding = encoding;
  }

  /** How many symbols there are; their handles start at 0. */
  get count(): number {
    return this.#names.count;
  }

  symbol(handle: number): KernelSymbol {
    const { name, type } = this.#names.typeAndName(handle);
    return { name, address: this.#address(handle), type, module: undefined };
  }

  address(handle: number): bigint {
    return this.#address(handle);
  }

  find(name: string): readonly number[] {
    return this.#names.find(name);
  }

  scan(minLength: number, maxLength: number, visit: NameVisitor): void {
    this.#names.scan(minLength, maxLength, visit);
  }

  /** By binary search: the table is sorted by address (scripts/kallsyms.c). */
  containing(address: bigint): number | undefined {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#address(middle) <= address) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    const from = this.#address(low - 1);
    if (address - from >= (low === this.count ? 1n : SYMBOL_MAX_BYTES)) return undefined;
    let found = low - 1;
    while (found > 0 && this.#address(found - 1) === from) found--;
    return found;
  }

  at(address: bigint): readonly number[] {
    const first = this.containing(address);
    const found: number[] = [];
    for (let index = first ?? this.count; index < this.count; index++) {
      if (this.#address(index) !== address) break;
      found.push(index);
    }
    return found;
  }

  #address(index: number): bigint {
    return decodeOffset(this.encoding, this.#bases, index, this.#offsets.getInt32(4 * index, true));
  }
}

/**
 * Reads the kernel's compressed symbol table from its memory, by the addresses that VMCOREINFO gives since
 * 6.0 (kernel/vmcore_info.c). The decoding is checked by the one address that VMCOREINFO gives too.
 * @throws FarcallError KERNEL_LACKS if VMCOREINFO lacks the addresses; KALLSYMS_INVALID if the table has
 * another form; MemoryFault
 */
export function openCompressedStore(memory: KernelMemory, info: VmcoreInfo): CompressedStore {
  const count = readU32(memory, addressOf(info, 'kallsyms_num_syms'));
  if (count > SYMBOLS_MAX) throw invalid(`it counts ${count} symbols`);
  const names = readNames(memory, info, count);
  const bases = readBases(memory, info);
  const offsets = memory.read(bases.tableAddress, 4 * count);
  const expected = addressOf(info, ANCHOR);
  for (const anchor of names.find(ANCHOR)) {
    const encoding = detectEncoding(offsets, bases, anchor, expected);
    if (encoding !== undefined) return new CompressedStore(names, offsets, bases, encoding);
  }
  throw invalid(`its address of ${ANCHOR} is not the one that VMCOREINFO gives`);
}

function readNames(memory: KernelMemory, info: VmcoreInfo, count: number): CompressedNames {
  const index = parseTokenIndex(memory.read(addressOf(info, 'kallsyms_token_index'), 512));
  const tableAddress = addressOf(info, 'kallsyms_token_table');
  const tokens = parseTokenTable(memory.read(tableAddress, tokenTableBytes(index)), index);
  // Names, then markers, then tokens, in every version of scripts/kallsyms.c. The length of the names is not
  // stored.
  const namesAddress = addressOf(info, 'kallsyms_names');
  const longest = tableAddress - namesAddress;
  if (longest <= 0n || longest > BigInt(NAMES_MAX_BYTES))
    throw invalid('its names are not before its tokens');
  return new CompressedNames(memory.read(namesAddress, Number(longest)), count, tokens);
}

function readBases(memory: KernelMemory, info: VmcoreInfo): OffsetBases {
  const baseAddress = info.symbol('kallsyms_relative_base');
  return {
    tableAddress: addressOf(info, 'kallsyms_offsets'),
    relativeBase: baseAddress === undefined ? undefined : readU64(memory, baseAddress),
  };
}

function addressOf(info: VmcoreInfo, name: string): bigint {
  const address = info.symbol(name);
  if (address === undefined)
    throw new FarcallError('KERNEL_LACKS', `VMCOREINFO does not tell where ${name} is`);
  return address;
}

function invalid(why: string): FarcallError {
  return new FarcallError('KALLSYMS_INVALID', `the compressed symbol table is not understood: ${why}`);
}
