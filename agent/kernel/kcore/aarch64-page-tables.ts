import type { PageTableEntry, PageTables } from './page-walk.ts';
import type { VmcoreInfo } from './vmcoreinfo.ts';

/** Bits of a descriptor (Arm ARM, D8.3): bit 1 tells tables and pages from blocks. */
const VALID = 1n;
const TABLE_OR_PAGE = 2n;
/**
 * Levels at which a block may be: 1 GiB and 2 MiB with small pages; with larger pages more levels if
 * addresses are wide.
 */
const BLOCK_LEVELS = 3;
/** Bits of an address within a page of 4, 16 and 64 KiB. */
const PAGE_BITS = [12, 14, 16];

/**
 * From which bit of a descriptor the upper bits of a wide physical address come, how many, and where they go.
 */
interface WideBits {
  readonly from: bigint;
  readonly count: bigint;
  readonly to: bigint;
}
/**
 * FEAT_LPA, with pages of 64 KiB: bits 15 to 12 are bits 51 to 48 of the address, and zero on a CPU without.
 */
const LPA: WideBits = { from: 12n, count: 4n, to: 48n };
/**
 * FEAT_LPA2, with smaller pages, in use where virtual addresses have 52 bits: bits 9 and 8 are bits 51 and
 * 50.
 */
const LPA2: WideBits = { from: 8n, count: 2n, to: 50n };

/**
 * The page tables of a kernel for AArch64, as its note for crash tools tells their form
 * (arch/arm64/kernel/vmcore_info.c and kernel/vmcore_info.c, v6.12); undefined if it does not (before 5.9 it
 * lacks T1SZ).
 *
 * A kernel that was built for 52 bits of virtual addresses and runs on a CPU with fewer either has a level
 * less, and a top table as for those, or the same levels, and uses the end of the same top table: there bits
 * are counted as it was built (pgd_index() in include/linux/pgtable.h, v6.12).
 */
export function aarch64PageTables(info: VmcoreInfo): PageTables | undefined {
  const address = info.symbol('swapper_pg_dir');
  const pageBits = Math.log2(numberOf(info.value('PAGESIZE')));
  const builtBits = numberOf(info.value('NUMBER(VA_BITS)'));
  const kernelBits = 64 - numberOf(info.value('NUMBER(TCR_EL1_T1SZ)'));
  if (address === undefined || !PAGE_BITS.includes(pageBits)) return undefined;
  if (!isAddressSize(kernelBits) || !isAddressSize(builtBits) || kernelBits > builtBits) return undefined;
  const indexBits = pageBits - 3;
  const levelsFor = (bits: number): number => Math.ceil((bits - pageBits) / indexBits);
  const levels = levelsFor(kernelBits);
  const topIndexed = levelsFor(builtBits) === levels ? builtBits : kernelBits;
  const wide = pageBits === 16 ? LPA : kernelBits === 52 ? LPA2 : undefined;
  return {
    address,
    levels,
    pageBits,
    indexBits,
    topBits: topIndexed - pageBits - (levels - 1) * indexBits,
    kernelBits,
    decode: decoder(pageBits, wide),
  };
}

function decoder(pageBits: number, wide: WideBits | undefined): PageTables['decode'] {
  const top = wide?.to ?? 48n;
  const frameBits = ((1n << top) - 1n) & ~((1n << BigInt(pageBits)) - 1n);
  return (entry, level): PageTableEntry | undefined => {
    if ((entry & VALID) === 0n) return undefined;
    const isBlock = (entry & TABLE_OR_PAGE) === 0n;
    if (isBlock && (level === 1 || level > BLOCK_LEVELS)) return undefined;
    const upper = wide ? ((entry >> wide.from) & ((1n << wide.count) - 1n)) << wide.to : 0n;
    return { frame: (entry & frameBits) | upper, isLeaf: isBlock || level === 1 };
  };
}

/** A number as printk spells it, decimal or with 0x; NaN where there is none. */
function numberOf(text: string | undefined): number {
  return text !== undefined && /^(0x[0-9a-f]{1,8}|\d{1,8})$/.test(text) ? Number(text) : Number.NaN;
}

function isAddressSize(bits: number): boolean {
  return bits >= 36 && bits <= 52;
}
