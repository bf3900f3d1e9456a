import { closeSync, openSync, readSync } from 'node:fs';
import { FarcallError } from '../../../shared/errors/index.ts';
import { HOST_FILES, type HostFiles, hostFileError, systemErrorCode } from '../host-files/index.ts';
import { type CoreSegment, type ElfCore, elfCoreHeadBytes, parseElfCore } from './elf-core.ts';
import { type KernelMemory, MemoryFault, READ_MAX_BYTES, toAddress } from './memory.ts';
import { findVmcoreInfo, VmcoreInfo } from './vmcoreinfo.ts';

/**
 * The running kernel's memory through /proc/kcore.
 *
 * Surprise: within a range that the file lists, the kernel returns zeros or old bytes for unmapped pages,
 * instead of failing (fs/proc/kcore.c, all versions). So a `MemoryFault` is certain, and its absence is not;
 * see {@link MappedMemory}.
 */
export class Kcore implements KernelMemory, Disposable {
  readonly #fd: number;
  readonly #core: ElfCore;
  #vmcoreInfo: VmcoreInfo | undefined;
  /** The range that was read last: the next read is most likely there too. */
  #last: CoreSegment | undefined;

  /** Use `openKcore`. */
  constructor(fd: number, core: ElfCore) {
    this.#fd = fd;
    this.#core = core;
  }

  /** The ranges of memory that can be read, by address. */
  get segments(): readonly CoreSegment[] {
    return this.#core.segments;
  }

  /**
   * Exactly `sizeBytes` bytes from `address`, which must lie in one range.
   * @throws MemoryFault if the file has no such range, or the kernel fails the read; FarcallError
   * ENCODING_RANGE for a size below 0 or above 64 MiB.
   */
  read(address: bigint, sizeBytes: number): Uint8Array {
    const from = toAddress(address);
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > READ_MAX_BYTES) {
      throw new FarcallError('ENCODING_RANGE', `${sizeBytes} bytes of kernel memory cannot be read at once`);
    }
    const segment = this.#segmentOf(from, BigInt(sizeBytes));
    if (segment === undefined) throw new MemoryFault(from, sizeBytes);
    const bytes = new Uint8Array(sizeBytes);
    const offset = segment.fileOffset + (from - segment.address);
    if (readFully(this.#fd, bytes, offset) < sizeBytes) throw new MemoryFault(from, sizeBytes);
    return bytes;
  }

  /** Fills `to` from an offset of the file; false where the file ends before, or the kernel refuses. */
  readAt(fileOffset: bigint, to: Uint8Array, offset: number, sizeBytes: number): boolean {
    return readFully(this.#fd, to, fileOffset, { from: offset, end: offset + sizeBytes }) === sizeBytes;
  }

  /** The VMCOREINFO list; empty if this kernel's core file carries none. */
  get vmcoreInfo(): VmcoreInfo {
    this.#vmcoreInfo ??= this.#readVmcoreInfo();
    return this.#vmcoreInfo;
  }

  /** Closes the file; later reads fault. */
  close(): void {
    closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #segmentOf(address: bigint, sizeBytes: bigint): CoreSegment | undefined {
    const holds = (segment: CoreSegment): boolean =>
      address >= segment.address && address - segment.address + sizeBytes <= segment.sizeBytes;
    if (this.#last && holds(this.#last)) return this.#last;
    const found = this.#core.segments.find(holds);
    this.#last = found ?? this.#last;
    return found;
  }

  #readVmcoreInfo(): VmcoreInfo {
    const { notes } = this.#core;
    if (notes === undefined) return new VmcoreInfo(new Map());
    const bytes = new Uint8Array(notes.sizeBytes);
    const got = readFully(this.#fd, bytes, notes.fileOffset);
    return findVmcoreInfo(bytes.subarray(0, got)) ?? new VmcoreInfo(new Map());
  }
}

/** Enough for the ELF header and some forty program headers, so that one read suffices. */
const FIRST_READ_BYTES = 4096;

/**
 * Opens /proc/kcore.
 * @throws FarcallError PERMISSION without CAP_SYS_RAWIO or under lockdown=confidentiality; KERNEL_LACKS if
 * the kernel was built without it; KCORE_INVALID if it is not an ELF core file.
 */
export function openKcore(files: HostFiles = HOST_FILES): Kcore {
  const path = `${files.proc}/kcore`;
  const fd = openFile(path);
  try {
    const first = readHead(fd, FIRST_READ_BYTES);
    const needed = elfCoreHeadBytes(first);
    const head = needed <= first.length ? first : readHead(fd, needed);
    return new Kcore(fd, parseElfCore(head));
  } catch (thrown) {
    closeSync(fd);
    throw hostFileError(path, thrown);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'ENOENT') {
      throw new FarcallError('KERNEL_LACKS', `${path} does not exist: the kernel lacks CONFIG_PROC_KCORE`);
    }
    throw hostFileError(
      path,
      thrown,
      'CAP_SYS_RAWIO, and a kernel that is not locked down for confidentiality',
    );
  }
}

function readHead(fd: number, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  return bytes.subarray(0, readFully(fd, bytes, 0n));
}

/** Reads until the part of `bytes` is full, the file ends or the kernel refuses; returns how many it read. */
function readFully(
  fd: number,
  bytes: Uint8Array,
  fileOffset: bigint,
  { from, end } = { from: 0, end: bytes.length },
): number {
  let at = from;
  while (at < end) {
    const got = readSome(fd, bytes, { at, end, fileOffset: fileOffset + BigInt(at - from) });
    if (got === 0) break;
    at += got;
  }
  return at - from;
}

interface Part {
  readonly at: number;
  readonly end: number;
  readonly fileOffset: bigint;
}

function readSome(fd: number, bytes: Uint8Array, { at, end, fileOffset }: Part): number {
  try {
    return readSync(fd, bytes, at, end - at, fileOffset);
  } catch (thrown) {
    const errno = systemErrorCode(thrown);
    if (errno === 'EFAULT' || errno === 'EIO' || errno === 'ENXIO' || errno === 'EBADF') return 0;
    throw hostFileError('/proc/kcore', thrown);
  }
}
