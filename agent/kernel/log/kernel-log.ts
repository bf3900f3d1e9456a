import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { errnoName, HOST_FILES, type HostFiles } from '../host-files.ts';
import { parseKmsgRecord } from './parse-record.ts';

/** A record of /dev/kmsg is never longer (CONSOLE_EXT_LOG_MAX, kernel/printk/internal.h, v6.12). */
const RECORD_LIMIT_BYTES = 8192;

/** More records than one call sensibly logs; the rest is counted. */
const RECORD_LIMIT = 1000;

/** The kernel's log from a place on. The place moves with each read, and with whoever shares the descriptor. */
export interface KernelLogReader {
  /** For a child process: seeking there moves the place for both. */
  readonly descriptor: number;
  /** The lines since the place, and moves it behind them. */
  read(): string[];
  close(): void;
}

/**
 * Opens the kernel log at its oldest record. Undefined where this process may not read it (kernel.dmesg_restrict without
 * CAP_SYSLOG): calls work without.
 */
export function openKernelLog(files: HostFiles = HOST_FILES): KernelLogReader | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(join(files.dev, 'kmsg'), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  return { descriptor, read: () => readRecords(descriptor), close: () => closeSync(descriptor) };
}

/** Each read(2) gives one record; EAGAIN is the end, EPIPE says that records were overwritten before we came. */
function readRecords(descriptor: number): string[] {
  const buffer = Buffer.allocUnsafe(RECORD_LIMIT_BYTES);
  const lines: string[] = [];
  for (let count = 0; ; count++) {
    try {
      const length = readSync(descriptor, buffer, 0, buffer.length, null);
      if (length === 0) return lines;
      const line = parseKmsgRecord(buffer.toString('utf8', 0, length));
      if (line !== undefined && lines.length < RECORD_LIMIT) lines.push(line);
    } catch (thrown) {
      if (errnoName(thrown) !== 'EPIPE' || count > RECORD_LIMIT) return lines;
      lines.push('(records were overwritten before they could be read)');
    }
  }
}
