/** A kernel's page tables: where they start, and how a CPU reads them. */
export interface PageTables {
  /** Virtual address of the kernel's top table; all others have the same entries for the kernel's half. */
  readonly address: bigint;
  /** How many tables lead to a page; the top one counts as level `levels`, the last as 1. */
  readonly levels: number;
  /** Bits of an address within a page. */
  readonly pageBits: number;
  /** Bits of an address that choose an entry of a table below the top one. */
  readonly indexBits: number;
  /** Bits of an address that choose an entry of the top table. */
  readonly topBits: number;
  /** Bits that differ between addresses of the kernel's half; those above are all set. */
  readonly kernelBits: number;
  /** Decodes an entry; undefined if it maps nothing. */
  readonly decode: (entry: bigint, level: number) => PageTableEntry | undefined;
}

/** An entry that maps something. */
export interface PageTableEntry {
  /** Physical address of the next table, or of what is mapped (bits below its size count for nothing). */
  readonly frame: bigint;
  readonly isLeaf: boolean;
}

/**
 * Reads the entry at an address, virtual in the top table and physical in the others; undefined if no memory
 * is.
 */
export type ReadEntry = (address: bigint, level: number) => bigint | undefined;

/**
 * The physical address of a virtual one in the kernel's half; undefined if nothing is mapped, as the CPU
 * would find it.
 */
export function translate(address: bigint, tables: PageTables, readEntry: ReadEntry): bigint | undefined {
  const { levels, pageBits, indexBits, topBits, kernelBits, decode } = tables;
  if (address >> BigInt(kernelBits) !== (1n << BigInt(64 - kernelBits)) - 1n) return undefined;
  let table = tables.address;
  for (let level = levels; level > 0; level--) {
    const shift = BigInt(pageBits + (level - 1) * indexBits);
    const indexMask = (1n << BigInt(level === levels ? topBits : indexBits)) - 1n;
    const entry = readEntry(table + ((address >> shift) & indexMask) * 8n, level);
    const found = entry === undefined ? undefined : decode(entry, level);
    if (!found) return undefined;
    const within = (1n << shift) - 1n;
    if (found.isLeaf) return (found.frame & ~within) | (address & within);
    table = found.frame;
  }
  return undefined;
}
