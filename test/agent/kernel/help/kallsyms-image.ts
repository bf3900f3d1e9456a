import { VmcoreInfo } from '../../../../agent/kernel/kcore/index.ts';
import { compressNames } from './compress-names.ts';
import { FakeMemory, u32s } from './fake-memory.ts';

/** A symbol as it goes into an image. */
export interface ImageSymbol {
  readonly type: string;
  readonly name: string;
  readonly address: bigint;
}

/** How the image writes addresses. */
export type ImageEncoding = 'absolute-percpu' | 'base-relative' | 'place-relative';

/** Where images begin. */
export const IMAGE_BASE = 0xffff_ffff_8100_0000n;
const TABLES = 0xffff_ffff_8200_0000n;

/** Enough symbols to fill two markers, sorted by address, `_stext` among them, and those of a test's own. */
export function someSymbols(own: readonly ImageSymbol[] = []): readonly ImageSymbol[] {
  const verbs = ['read', 'write', 'open', 'close', 'alloc', 'free', 'lock', 'unlock', 'get', 'put', 'init'];
  const nouns = ['page', 'inode', 'task', 'skb', 'bio', 'rq', 'dentry', 'vma', 'pmd', 'cpu', 'irq', 'timer'];
  const filler = Array.from({ length: 700 }, (_, index) => ({
    type: 'TtDdRrBb'[index % 8]!,
    name: `${nouns[index % 12]}_${verbs[index % 11]}_${(index * 7) % 90}`,
    address: IMAGE_BASE + 0x1000n + BigInt(index) * 0x20n,
  }));
  const all = [{ type: 'T', name: '_stext', address: IMAGE_BASE }, ...filler, ...own];
  return all.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
}

/** Lays `symbols` out as a kernel of `encoding` has them; gives the memory, its pieces and VMCOREINFO. */
export function kallsymsImage(symbols: readonly ImageSymbol[], encoding: ImageEncoding) {
  const table = compressNames(symbols.map(({ type, name }) => type + name));
  const names = Buffer.concat([table.names, Buffer.alloc(-table.names.length & 7), table.markers]);
  const addresses = layAddresses(names.length, table.tokenTable.length);
  const offsets = u32s(
    ...symbols.map((symbol, index) => offsetOf(symbol, index, encoding, addresses.offsets)),
  );
  const base = Buffer.alloc(8);
  base.writeBigUInt64LE(IMAGE_BASE);
  const pieces = {
    numSyms: u32s(symbols.length),
    names,
    tokenTable: Buffer.concat([table.tokenTable, Buffer.alloc(512)]),
    tokenIndex: table.tokenIndex,
    offsets,
    base,
  };
  const memory = new FakeMemory();
  for (const key of Object.keys(pieces) as (keyof typeof pieces)[]) memory.put(addresses[key], pieces[key]);
  return { memory, pieces, info: vmcoreInfo(addresses, encoding) };
}

function layAddresses(nameBytes: number, tokenBytes: number) {
  const names = TABLES + 8n;
  const tokenTable = names + BigInt(nameBytes);
  const tokenIndex = tokenTable + BigInt(tokenBytes + 512);
  return {
    numSyms: TABLES,
    names,
    tokenTable,
    tokenIndex,
    base: tokenIndex + 512n,
    offsets: tokenIndex + 520n,
  };
}

function offsetOf(symbol: ImageSymbol, index: number, encoding: ImageEncoding, table: bigint): number {
  const value = {
    'absolute-percpu': symbol.address < IMAGE_BASE ? symbol.address : IMAGE_BASE - 1n - symbol.address,
    'base-relative': symbol.address - IMAGE_BASE,
    'place-relative': symbol.address - (table + 4n * BigInt(index)),
  }[encoding];
  return Number(BigInt.asUintN(32, value));
}

function vmcoreInfo(addresses: ReturnType<typeof layAddresses>, encoding: ImageEncoding): VmcoreInfo {
  const values = new Map([
    ['SYMBOL(_stext)', IMAGE_BASE],
    ['SYMBOL(kallsyms_num_syms)', addresses.numSyms],
    ['SYMBOL(kallsyms_names)', addresses.names],
    ['SYMBOL(kallsyms_token_table)', addresses.tokenTable],
    ['SYMBOL(kallsyms_token_index)', addresses.tokenIndex],
    ['SYMBOL(kallsyms_offsets)', addresses.offsets],
  ]);
  if (encoding !== 'place-relative') values.set('SYMBOL(kallsyms_relative_base)', addresses.base);
  return new VmcoreInfo(new Map([...values].map(([key, address]) => [key, address.toString(16)])));
}
