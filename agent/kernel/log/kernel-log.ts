import { closeSync, constants, openSync, readSync } from 'node:fs';
import { HOST_FILES, type HostFiles, hostFileError, systemErrorCode } from '../host-files/index.ts';
import { type LogRecord, parseLogRecord } from './log-record.ts';

/** The records that `KernelLog.readNew` found. */
export interface NewRecords {
  readonly records: readonly LogRecord[];
  /**
   * Whether the kernel overwrote records before they could be read, or there were more than `RECORDS_MAX`.
   */
  readonly lost: boolean;
}

/**
 * Larger than any record, of which the kernel writes at most 8,192 bytes (CONSOLE_EXT_LOG_MAX); less is
 * EINVAL.
 */
const RECORD_MAX_BYTES = 16_384;
/** Most records that one call keeps; further ones are skipped. */
const RECORDS_MAX = 4096;

/**
 * The kernel's log from a position in it that only moves forward, one record per read(2), never blocking.
 *
 * Opening starts at the oldest record, and Node has no lseek(2). There are two ways to the end: `skipToEnd`,
 * which reads everything once (a resident agent does that at its start, and then reads only new records); or
 * a child that inherits `fd` and calls lseek(fd, 0, SEEK_END), which moves this reader too, since the
 * position belongs to the open file and not to the process. The loader does that for one-shot calls, before
 * it loads anything. Pass it as a descriptor above 2: Node's child_process clears O_NONBLOCK on the first
 * three, for both sides.
 */
export class KernelLog implements Disposable {
  /** The open file. */
  readonly fd: number;
  readonly #path: string;
  readonly #buffer = new Uint8Array(RECORD_MAX_BYTES);

  /** Use `openKernelLog`. */
  constructor(fd: number, path: string) {
    this.fd = fd;
    this.#path = path;
  }

  /** Skips all records; returns how many there were. */
  skipToEnd(): number {
    let skipped = 0;
    while (this.#next() !== 'end') skipped++;
    return skipped;
  }

  /**
   * The records since the last reading. Records of another form are left out, and count as lost.
   * @throws FarcallError FILE_UNREADABLE
   */
  readNew(): NewRecords {
    const records: LogRecord[] = [];
    let lost = false;
    for (let next = this.#next(); next !== 'end'; next = this.#next()) {
      const record = next === 'overrun' ? undefined : tryParse(next);
      if (record === undefined || records.length >= RECORDS_MAX) lost = true;
      else records.push(record);
    }
    return { records, lost };
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #next(): Uint8Array | 'overrun' | 'end' {
    try {
      const got = readSync(this.fd, this.#buffer, 0, this.#buffer.length, null);
      return got === 0 ? 'end' : this.#buffer.subarray(0, got);
    } catch (thrown) {
      const errno = systemErrorCode(thrown);
      if (errno === 'EAGAIN') return 'end';
      if (errno === 'EPIPE') return 'overrun';
      throw hostFileError(this.#path, thrown);
    }
  }
}

function tryParse(bytes: Uint8Array): LogRecord | undefined {
  try {
    return parseLogRecord(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Opens /dev/kmsg for reading, at its oldest record.
 * @throws FarcallError PERMISSION without CAP_SYSLOG if kernel.dmesg_restrict is set; FILE_UNREADABLE
 */
export function openKernelLog(files: HostFiles = HOST_FILES): KernelLog {
  const path = `${files.dev}/kmsg`;
  try {
    return new KernelLog(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), path);
  } catch (thrown) {
    throw hostFileError(path, thrown, 'CAP_SYSLOG');
  }
}
