import { HOST_FILES, type HostFiles, readOptionalHostText } from '../host-files/index.ts';

/** The two facts that tell whether the kernel has rebooted, and whether it is healthy. */
export interface BootAndTaint {
  readonly bootId: string;
  /** Bits of /proc/sys/kernel/tainted (Documentation/admin-guide/tainted-kernels.rst). */
  readonly taint: number;
}

/**
 * Reads two small files.
 * @throws FarcallError FILE_UNREADABLE, PERMISSION
 */
export function readBootAndTaint(files: HostFiles = HOST_FILES): BootAndTaint {
  const sysctl = `${files.proc}/sys/kernel`;
  return {
    bootId: (readOptionalHostText(`${sysctl}/random/boot_id`) ?? '').trim().slice(0, 64),
    taint: parseTaint(readOptionalHostText(`${sysctl}/tainted`) ?? ''),
  };
}

/** A decimal number; 0 for anything else. */
export function parseTaint(text: string): number {
  const taint = /^\d{1,15}$/.test(text.trim()) ? Number(text.trim()) : 0;
  return Number.isSafeInteger(taint) ? taint : 0;
}
