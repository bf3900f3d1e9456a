import type { SymbolTable } from '../../compiler/index.ts';
import { type KernelMemory, readCString, toAddress, viewOf } from '../kcore/index.ts';

/**
 * Three s32, each relative to where it stands: value, name, namespace (include/asm-generic/export.h; 5.4 on).
 */
const KSYMTAB_ENTRY_BYTES = 12;
const ENTRIES_MAX = 1_000_000n;
const NAME_MAX_BYTES = 512;
/** Enough entries to tell CRCs from offsets: see `crcAt`. */
const SAMPLE = 32;
/** More than any kernel takes, code to data; little enough that a CRC seldom points there by chance. */
const KERNEL_MAX_BYTES = 512n << 20n;

interface ExportTables {
  readonly ksymtab: bigint;
  readonly kcrctab: bigint;
  readonly count: number;
}

/**
 * The CRC of the exported symbol `name`, from the kernel's own tables in memory: `__kcrctab` holds it at the
 * index at which `__ksymtab`, sorted by name, has the name. Undefined if the kernel has no such tables or
 * symbols.
 * @throws MemoryFault, FarcallError KCORE_INVALID if the tables lead nowhere
 */
export function readExportCrc(memory: KernelMemory, symbols: SymbolTable, name: string): number | undefined {
  const tables = findTables(symbols);
  if (tables === undefined) return undefined;
  const index = findExport(memory, tables, name);
  return index === undefined ? undefined : crcAt(memory, symbols, tables, index);
}

function findTables(symbols: SymbolTable): ExportTables | undefined {
  const ksymtab = addressOf(symbols, '__start___ksymtab');
  const ksymtabEnd = addressOf(symbols, '__stop___ksymtab');
  const kcrctab = addressOf(symbols, '__start___kcrctab');
  const kcrctabEnd = addressOf(symbols, '__stop___kcrctab');
  if (
    ksymtab === undefined ||
    ksymtabEnd === undefined ||
    kcrctab === undefined ||
    kcrctabEnd === undefined
  ) {
    return undefined;
  }
  const count = (ksymtabEnd - ksymtab) / BigInt(KSYMTAB_ENTRY_BYTES);
  if (count <= 0n || count > ENTRIES_MAX || kcrctabEnd - kcrctab !== 4n * count) return undefined;
  return { ksymtab, kcrctab, count: Number(count) };
}

function findExport(memory: KernelMemory, tables: ExportTables, name: string): number | undefined {
  let low = 0;
  let high = tables.count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const here = exportName(memory, tables, middle);
    if (here === name) return middle;
    if (here < name) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

function exportName(memory: KernelMemory, tables: ExportTables, index: number): string {
  const place = tables.ksymtab + BigInt(index * KSYMTAB_ENTRY_BYTES + 4);
  const offset = viewOf(memory.read(place, 4)).getInt32(0, true);
  return readCString(memory, toAddress(place + BigInt(offset)), NAME_MAX_BYTES);
}

/**
 * The entry `index` of `__kcrctab`. Before 5.19 some kernels (CONFIG_MODULE_REL_CRCS) keep offsets there to
 * where the CRCs stand. CRCs are spread over all 32 bits, so that many in a row never all point into the
 * kernel; offsets do.
 */
function crcAt(memory: KernelMemory, symbols: SymbolTable, tables: ExportTables, index: number): number {
  const place = tables.kcrctab + BigInt(4 * index);
  const value = viewOf(memory.read(place, 4));
  if (!holdsOffsets(memory, symbols, tables)) return value.getUint32(0, true);
  return viewOf(memory.read(toAddress(place + BigInt(value.getInt32(0, true))), 4)).getUint32(0, true);
}

function holdsOffsets(memory: KernelMemory, symbols: SymbolTable, tables: ExportTables): boolean {
  const start = addressOf(symbols, '_stext');
  if (start === undefined) return false;
  const sample = Math.min(SAMPLE, tables.count);
  const values = viewOf(memory.read(tables.kcrctab, 4 * sample));
  return Array.from({ length: sample }, (_, index) => {
    const place = tables.kcrctab + BigInt(4 * index);
    return toAddress(place + BigInt(values.getInt32(4 * index, true)));
  }).every(target => target >= start && target < start + KERNEL_MAX_BYTES);
}

function addressOf(symbols: SymbolTable, name: string): bigint | undefined {
  return symbols.lookup(name)[0]?.address;
}
