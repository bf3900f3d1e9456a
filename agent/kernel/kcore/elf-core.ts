import { FarcallError } from '../../../shared/errors/index.ts';
import { viewOf } from './memory.ts';

/** A range of kernel memory (PT_LOAD) and its offset in the file. All values are unsigned 64 bits. */
export interface CoreSegment {
  readonly address: bigint;
  readonly sizeBytes: bigint;
  readonly fileOffset: bigint;
  /**
   * Where it is in physical memory, in one piece; undefined for ranges that are mapped page by page, or not.
   */
  readonly physical: bigint | undefined;
}

/** The contents of the head of an ELF core file. */
export interface ElfCore {
  /** Sorted by address. */
  readonly segments: readonly CoreSegment[];
  /** Where the notes are in the file; undefined if there are none. */
  readonly notes: { readonly fileOffset: bigint; readonly sizeBytes: number } | undefined;
}

/** Sizes and offsets within an ELF64 header and program header (elf(5)). */
const EHDR_BYTES = 64;
const PHDR_BYTES = 56;
const PT_LOAD = 1;
const PT_NOTE = 4;
const ET_CORE = 4;
/** e_phnum of a file with more program headers than 16 bits count; no kernel has nearly so many. */
const PN_XNUM = 0xffff;
/** p_paddr of what has no one physical address (fs/proc/kcore.c, v5.10 and v6.12). */
const NO_PADDR = 0xffff_ffff_ffff_ffffn;
const NOTES_MAX_BYTES = 1024 * 1024;

/** How many bytes from the start of the file `parseElfCore` needs, according to the ELF header alone. */
export function elfCoreHeadBytes(header: Uint8Array): number {
  const { programHeaders, count } = parseHeader(header);
  return programHeaders + count * PHDR_BYTES;
}

/**
 * Reads the head of an ELF64 little-endian core file, as fs/proc/kcore.c writes it.
 *
 *     \x7fELF 02 01 …  e_type=4  e_phoff=64  e_phentsize=56  e_phnum=7
 *
 * @throws FarcallError KCORE_INVALID
 */
export function parseElfCore(head: Uint8Array): ElfCore {
  const { programHeaders, count } = parseHeader(head);
  if (head.length < programHeaders + count * PHDR_BYTES) throw invalid('its program headers are cut off');
  const view = viewOf(head);
  const segments: CoreSegment[] = [];
  let notes: ElfCore['notes'];
  for (let index = 0; index < count; index++) {
    const at = programHeaders + index * PHDR_BYTES;
    const type = view.getUint32(at, true);
    const fileOffset = view.getBigUint64(at + 8, true);
    const sizeBytes = view.getBigUint64(at + 32, true);
    if (type === PT_LOAD && sizeBytes > 0n) {
      const physical = view.getBigUint64(at + 24, true);
      segments.push({
        address: view.getBigUint64(at + 16, true),
        sizeBytes,
        fileOffset,
        physical: physical === NO_PADDR ? undefined : physical,
      });
    } else if (type === PT_NOTE) {
      if (sizeBytes > BigInt(NOTES_MAX_BYTES)) throw invalid(`its notes are ${sizeBytes} bytes long`);
      notes = { fileOffset, sizeBytes: Number(sizeBytes) };
    }
  }
  segments.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  return { segments, notes };
}

function parseHeader(head: Uint8Array): { programHeaders: number; count: number } {
  if (head.length < EHDR_BYTES) throw invalid('it is shorter than an ELF header');
  const view = viewOf(head);
  if (view.getUint32(0, false) !== 0x7f454c46) throw invalid('it does not start with \\x7fELF');
  if (head[4] !== 2 || head[5] !== 1) throw invalid('it is not ELF64 little-endian');
  if (view.getUint16(16, true) !== ET_CORE) throw invalid('it is no core file');
  const programHeaders = view.getBigUint64(32, true);
  const count = view.getUint16(56, true);
  if (view.getUint16(54, true) !== PHDR_BYTES) throw invalid('its program headers have another size');
  if (count === PN_XNUM) throw invalid('it has more program headers than its head can count');
  if (programHeaders > 65_536n) throw invalid('its program headers are too far from its start');
  return { programHeaders: Number(programHeaders), count };
}

function invalid(why: string): FarcallError {
  return new FarcallError('KCORE_INVALID', `/proc/kcore cannot be used: ${why}`);
}
