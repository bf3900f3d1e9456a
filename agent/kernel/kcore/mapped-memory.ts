import type { CoreSegment } from './elf-core.ts';
import type { Kcore } from './kcore.ts';
import { type KernelMemory, MemoryFault, toAddress, viewOf } from './memory.ts';
import { pageTablesOf } from './page-tables.ts';
import { type PageTables, translate } from './page-walk.ts';

const PAGE_BYTES = 4096n;
const PAGE_BITS = 12n;

/** Entries of these levels and below come and go with what is allocated. */
const REMEMBERED_ABOVE = 2;

interface PhysicalSegment extends CoreSegment {
  readonly physical: bigint;
}

/** The part of {@link Kcore} that translation uses. */
export type CoreFile = Pick<Kcore, 'segments' | 'read' | 'readAt' | 'vmcoreInfo' | 'close'>;

/**
 * Pages in one piece of physical memory, by their numbers, and the page of the file that the first one is.
 */
interface PageRun {
  readonly first: number;
  readonly end: number;
  readonly filePage: number;
}

/**
 * The kernel's memory as the CPU would find it: what is not mapped faults.
 *
 * /proc/kcore alone cannot be trusted there. Ranges that are mapped page by page (vmalloc, modules, stacks)
 * are listed as a whole, and a page that is not mapped comes as zeros (6.12, 7.2) or as whatever a buffer had
 * in it before (5.10, 6.1, where read_kcore() copies out what vread() left untouched; fs/proc/kcore.c). So
 * where {@link pageTablesOf} knows the CPU, such addresses are translated by the kernel's own page tables,
 * and read where they are in physical memory, in the ranges that /proc/kcore has of that. Memory of devices
 * is in none of these, and faults: reading it may have effects.
 *
 * If the kernel does not say where its tables are, or this code does not know the CPU's, /proc/kcore is
 * believed.
 */
export class MappedMemory implements KernelMemory, Disposable {
  readonly #core: CoreFile;
  readonly #tables: PageTables | undefined;
  readonly #physical: readonly PhysicalSegment[];
  /** The one that was read last: the next read is most likely there too. */
  #last: PhysicalSegment | undefined;
  /** Entries of the upper levels, by address: they hardly ever change. */
  readonly #entries = new Map<bigint, bigint>();
  readonly #runs: readonly PageRun[];
  #lastRun: PageRun | undefined;

  constructor(core: CoreFile, arch: string) {
    this.#core = core;
    this.#tables = pageTablesOf(arch, core.vmcoreInfo);
    this.#physical = core.segments.flatMap(segment => {
      const { physical } = segment;
      return physical === undefined ? [] : [{ ...segment, physical }];
    });
    this.#runs = this.#physical.flatMap(pageRun);
  }

  read(address: bigint, sizeBytes: number): Uint8Array {
    const from = toAddress(address);
    if (!this.#tables || this.isOnePiece(from, sizeBytes)) return this.#core.read(from, sizeBytes);
    const bytes = new Uint8Array(sizeBytes);
    for (let done = 0; done < sizeBytes; ) {
      const at = toAddress(from + BigInt(done));
      const piece = Math.min(Number(PAGE_BYTES - (at % PAGE_BYTES)), sizeBytes - done);
      bytes.set(this.#readMapped(at, piece, this.#tables), done);
      done += piece;
    }
    return bytes;
  }

  readPage(number: number, to: Uint8Array, offset: number): boolean {
    let run = this.#lastRun;
    if (!run || number < run.first || number >= run.end) {
      run = this.#runs.find(({ first, end }) => number >= first && number < end);
      if (!run) return false;
      this.#lastRun = run;
    }
    const fileOffset = BigInt(run.filePage + number - run.first) << PAGE_BITS;
    return this.#core.readAt(fileOffset, to, offset, Number(PAGE_BYTES));
  }

  isOnePiece(address: bigint, sizeBytes: number): boolean {
    const count = BigInt(sizeBytes);
    if (this.#last && contains(this.#last, address, count)) return true;
    const found = this.#physical.find(segment => contains(segment, address, count));
    this.#last = found ?? this.#last;
    return found !== undefined;
  }

  /** Closes the file; later reads fault. */
  close(): void {
    this.#core.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #readMapped(address: bigint, sizeBytes: number, tables: PageTables): Uint8Array {
    const physical = translate(address, tables, (at, level) =>
      this.#entry(level === tables.levels ? at : this.#virtual(at), level),
    );
    const at = physical === undefined ? undefined : this.#virtual(physical);
    if (at === undefined) throw new MemoryFault(address, sizeBytes);
    return this.#core.read(at, sizeBytes);
  }

  #entry(address: bigint | undefined, level: number): bigint | undefined {
    if (address === undefined) return undefined;
    const known = this.#entries.get(address);
    if (known !== undefined) return known;
    const entry = viewOf(this.#core.read(address, 8)).getBigUint64(0, true);
    if (level > REMEMBERED_ABOVE) this.#entries.set(address, entry);
    return entry;
  }

  #virtual(physical: bigint): bigint | undefined {
    const segment = this.#physical.find(
      each => physical >= each.physical && physical - each.physical < each.sizeBytes,
    );
    return segment && segment.address + (physical - segment.physical);
  }
}

/** None where the file has the pages at another alignment than memory. */
function pageRun({ address, sizeBytes, fileOffset }: PhysicalSegment): PageRun[] {
  if (address % PAGE_BYTES !== 0n || fileOffset % PAGE_BYTES !== 0n) return [];
  const first = Number(address >> PAGE_BITS);
  return [{ first, end: first + Number(sizeBytes >> PAGE_BITS), filePage: Number(fileOffset >> PAGE_BITS) }];
}

function contains({ address, sizeBytes }: CoreSegment, from: bigint, count: bigint): boolean {
  return from >= address && from - address + count <= sizeBytes;
}
