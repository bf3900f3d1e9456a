import { FarcallError } from '../../../shared/errors/index.ts';
import type { KernelSymbol } from '../../compiler/index.ts';
import { type KernelMemory, readU32, readU64, type VmcoreInfo, viewOf } from '../kcore/index.ts';
import { CompressedNames } from './compressed-names.ts';
import { decodeOffset, detectEncoding, type OffsetBases, type OffsetEncoding } from './symbol-offsets.ts';
import { type NameVisitor, SYMBOLS_MAX, type SymbolStore } from './symbol-store.ts';
import { parseTokenIndex, parseTokenTable, tokenTableBytes } from './token-table.ts';

const NAMES_MAX_BYTES = 64 * 1024 * 1024;
/** The symbol whose address VMCOREINFO tells, by which the decoding is checked. */
const ANCHOR = '_stext';
const BATCH = 32;

/** The kernel's own symbols, names still compressed: some 30 bytes each. Made by `openCompressedStore`. */
export class CompressedStore implements SymbolStore {
  readonly #names: CompressedNames;
  readonly #offsets: DataView;
  readonly #bases: OffsetBases;
  readonly #encoding: OffsetEncoding;
  readonly #prepared: Map<string, readonly number[]>;

  constructor(names: CompressedNames, offsets: Uint8Array, bases: OffsetBases, encoding: OffsetEncoding) {
    this.#names = names;
    this.#offsets = viewOf(offsets);
    this.#bases = bases;
    this.#encoding = encoding;
    this.#prepared = new Map();
  }

  get count(): number {
    return this.#names.count;
  }

  /** How this kernel writes addresses. */
  get encoding(): OffsetEncoding {
    return this.#encoding;
  }

  symbol(index: number): KernelSymbol {
    return {
      name: this.#names.name(index),
      address: this.address(index),
      type: String.fromCharCode(this.#names.type(index)),
      module: undefined,
    };
  }

  address(index: number): bigint {
    return decodeOffset(this.#encoding, this.#bases, index, this.#offsets.getInt32(4 * index, true));
  }

  find(name: string): readonly number[] {
    return this.#prepared.get(name) ?? this.#names.find(name);
  }

  scan(minLength: number, maxLength: number, visit: NameVisitor): void {
    this.#names.scan(minLength, maxLength, visit);
  }

  /** Finds all of `names` in one pass per 32 of them. */
  prepare(names: Iterable<string>): void {
    const wanted = [...new Set(names)].filter(name => !this.#prepared.has(name));
    for (let from = 0; from < wanted.length; from += BATCH) {
      const batch = wanted.slice(from, from + BATCH);
      const found = this.#names.findSome(batch);
      for (const [which, name] of batch.entries()) this.#prepared.set(name, found[which]!);
    }
  }
}

/**
 * Reads the kernel's compressed symbol table from its memory, by the addresses that VMCOREINFO gives since 6.0
 * (kernel/vmcore_info.c). What it decodes is checked against the one address that VMCOREINFO tells as well.
 * @throws FarcallError KERNEL_LACKS where VMCOREINFO does not lead there; KALLSYMS_INVALID where what stands there is
 * not understood; MemoryFault
 */
export function openCompressedStore(memory: KernelMemory, info: VmcoreInfo): CompressedStore {
  const count = readU32(memory, addressOf(info, 'kallsyms_num_syms'));
  if (count === 0 || count > SYMBOLS_MAX) throw invalid(`it counts ${count} symbols`);
  const names = readNames(memory, info, count);
  const bases = readBases(memory, info);
  const offsets = memory.read(bases.tableAddress, 4 * count);
  const anchors = names.findSome([ANCHOR])[0]!;
  const expected = addressOf(info, ANCHOR);
  for (const anchor of anchors) {
    const encoding = detectEncoding(offsets, bases, anchor, expected);
    if (encoding !== undefined) return new CompressedStore(names, offsets, bases, encoding);
  }
  throw invalid(`its address of ${ANCHOR} is not the one that VMCOREINFO gives`);
}

function readNames(memory: KernelMemory, info: VmcoreInfo, count: number): CompressedNames {
  const index = parseTokenIndex(memory.read(addressOf(info, 'kallsyms_token_index'), 512));
  const tableAddress = addressOf(info, 'kallsyms_token_table');
  const tokens = parseTokenTable(memory.read(tableAddress, tokenTableBytes(index)), index);
  // The names stand before the tokens in every version of scripts/kallsyms.c; nothing tells how long they are.
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
