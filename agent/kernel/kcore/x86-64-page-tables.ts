import type { PageTableEntry, PageTables } from './page-walk.ts';
import type { VmcoreInfo } from './vmcoreinfo.ts';

/** Bits of an entry (arch/x86/include/asm/pgtable_types.h, v6.12). */
const PRESENT = 1n;
const HUGE = 1n << 7n;
const FRAME = 0x000f_ffff_ffff_f000n;
const PAGE_BITS = 12;
const INDEX_BITS = 9;

/**
 * The page tables of a kernel for x86-64 (Intel SDM volume 3A, 4.5), as its note for crash tools describes
 * them (arch/x86/kernel/vmcore_info_64.c, v6.12); else undefined.
 */
export function x86PageTables(info: VmcoreInfo): PageTables | undefined {
  const address = info.symbol('swapper_pg_dir') ?? info.symbol('init_top_pgt');
  const l5 = info.value('NUMBER(pgtable_l5_enabled)');
  if (address === undefined || l5 === undefined) return undefined;
  const levels = l5 === '1' ? 5 : 4;
  // Bits that are no part of an address: memory encryption.
  const mask = info.value('NUMBER(sme_mask)') ?? '0';
  const frameBits = FRAME & ~(/^-?\d+$/.test(mask) ? BigInt.asUintN(64, BigInt(mask)) : 0n);
  return {
    address,
    levels,
    pageBits: PAGE_BITS,
    indexBits: INDEX_BITS,
    topBits: INDEX_BITS,
    kernelBits: PAGE_BITS + levels * INDEX_BITS - 1,
    decode: (entry, level) => decode(entry, level, frameBits),
  };
}

function decode(entry: bigint, level: number, frameBits: bigint): PageTableEntry | undefined {
  if ((entry & PRESENT) === 0n) return undefined;
  return { frame: entry & frameBits, isLeaf: level === 1 || (level <= 3 && (entry & HUGE) !== 0n) };
}
