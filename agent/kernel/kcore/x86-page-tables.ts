import type { VmcoreInfo } from './vmcoreinfo.ts';

/** Bits of an entry (arch/x86/include/asm/pgtable_types.h, v6.12). */
const PRESENT = 1n;
const HUGE = 1n << 7n;
const FRAME = 0x000f_ffff_ffff_f000n;
const PAGE_BITS = 12;
const INDEX_BITS = 9;

/** What a walk of the page tables starts from. */
export interface PageTableRoot {
  /** Virtual address of the top table: that of the kernel, to which all others are the same in its half. */
  readonly address: bigint;
  readonly levels: 4 | 5;
  /** Bits of an entry that are no part of the address: memory encryption. */
  readonly encryption: bigint;
}

/** Reads the entry at an address, virtual in the top table and physical in the others; undefined where no memory is. */
export type ReadEntry = (address: bigint, level: number) => bigint | undefined;

/** The root, as the kernel's note for crash tools tells it (arch/x86/kernel/vmcore_info_64.c, v6.12); else undefined. */
export function pageTableRoot(info: VmcoreInfo): PageTableRoot | undefined {
  const address = info.symbol('swapper_pg_dir') ?? info.symbol('init_top_pgt');
  const l5 = info.value('NUMBER(pgtable_l5_enabled)');
  if (address === undefined || l5 === undefined) return undefined;
  const mask = info.value('NUMBER(sme_mask)') ?? '0';
  const encryption = /^-?\d+$/.test(mask) ? BigInt.asUintN(64, BigInt(mask)) : 0n;
  return { address, levels: l5 === '1' ? 5 : 4, encryption };
}

/**
 * The physical address of a virtual one in the kernel's half; undefined where nothing is mapped, as the CPU would find it
 * (Intel SDM volume 3A, 4.5).
 */
export function translate(
  address: bigint,
  { address: top, levels, encryption }: PageTableRoot,
  readEntry: ReadEntry,
): bigint | undefined {
  if (!isKernelHalf(address, levels)) return undefined;
  let table = top;
  for (let level: number = levels; level > 0; level--) {
    const shift = BigInt(PAGE_BITS + (level - 1) * INDEX_BITS);
    const at = table + ((address >> shift) & 511n) * 8n;
    const entry = readEntry(at, level);
    if (entry === undefined || (entry & PRESENT) === 0n) return undefined;
    const frame = entry & FRAME & ~encryption;
    const within = (1n << shift) - 1n;
    const isLeaf = level === 1 || (level <= 3 && (entry & HUGE) !== 0n);
    if (isLeaf) return (frame & ~within) | (address & within);
    table = frame;
  }
  return undefined;
}

/** Canonical, and not of user space. */
function isKernelHalf(address: bigint, levels: 4 | 5): boolean {
  const bits = PAGE_BITS + levels * INDEX_BITS;
  return address >> BigInt(bits - 1) === (1n << BigInt(65 - bits)) - 1n;
}
