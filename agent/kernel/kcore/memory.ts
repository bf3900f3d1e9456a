import { FarcallError } from '../../../shared/errors/index.ts';

/** A read that hit an address at which the kernel has no memory. */
export class MemoryFault extends FarcallError {
  /** The address of the read, unsigned. */
  readonly address: bigint;
  /** The length of the read. */
  readonly sizeBytes: number;

  constructor(address: bigint, sizeBytes: number) {
    super(
      'CALL_FAULTED',
      `the kernel has no memory at 0x${address.toString(16)} (${sizeBytes} bytes wanted)`,
    );
    this.address = address;
    this.sizeBytes = sizeBytes;
  }
}

/** The kernel's virtual memory, read only. Addresses are wrapped to unsigned 64 bits. */
export interface KernelMemory {
  /**
   * Exactly `sizeBytes` bytes from `address`, in a buffer of their own.
   * @throws MemoryFault if not all of them are there.
   */
  read(address: bigint, sizeBytes: number): Uint8Array;
  /**
   * Reads the 4,096 bytes from address `number * 4096` into `to`, where they lie in one piece of physical
   * memory; false where they do not, or are not there.
   */
  readPage?(number: number, to: Uint8Array, offset: number): boolean;
  /** Whether a range is read at once, so that a larger piece costs hardly more; absent: no. */
  isOnePiece?(address: bigint, sizeBytes: number): boolean;
}

/** Longest read at once; a longer one is a bug of farcall, or comes from a field that is not a size. */
export const READ_MAX_BYTES = 64 * 1024 * 1024;

/** `address` as the kernel counts: 64 bits, unsigned. */
export function toAddress(address: bigint): bigint {
  return BigInt.asUintN(64, address);
}

/** The little-endian u32 at `address`. */
export function readU32(memory: KernelMemory, address: bigint): number {
  return viewOf(memory.read(address, 4)).getUint32(0, true);
}

/** The little-endian u64 at `address`. */
export function readU64(memory: KernelMemory, address: bigint): bigint {
  return viewOf(memory.read(address, 8)).getBigUint64(0, true);
}

const PAGE_BYTES = 4096n;

/**
 * The NUL-terminated string at `address`, as Latin-1, without its NUL. It is read page by page, so that a
 * string at the end of a mapping does not fault.
 * @throws FarcallError KCORE_INVALID if `limitBytes` bytes hold no NUL; MemoryFault.
 */
export function readCString(memory: KernelMemory, address: bigint, limitBytes: number): string {
  let text = '';
  while (text.length < limitBytes) {
    const at = toAddress(address + BigInt(text.length));
    const toPageEnd = Number(PAGE_BYTES - (at % PAGE_BYTES));
    const piece = memory.read(at, Math.min(toPageEnd, limitBytes - text.length));
    const end = piece.indexOf(0);
    text += Buffer.from(piece.subarray(0, end < 0 ? piece.length : end)).toString('latin1');
    if (end >= 0) return text;
  }
  throw new FarcallError(
    'KCORE_INVALID',
    `no string of at most ${limitBytes} bytes at 0x${toAddress(address).toString(16)}`,
  );
}

/** A DataView over exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
