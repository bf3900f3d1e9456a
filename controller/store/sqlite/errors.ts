import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { FarcallError } from '../../../shared/errors/index.ts';
import { storeFailed, storeFull } from '../core/index.ts';

/**
 * Primary result codes of SQLite (sqlite.org/rescode.html), and what each means for who runs a controller.
 */
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

const REASONS: Readonly<Record<number, string>> = {
  [SQLITE_BUSY]: 'another program holds its file',
  [SQLITE_READONLY]: 'its file, or the file system, may only be read',
  [SQLITE_IOERR]: 'its disk reports an error',
  [SQLITE_CORRUPT]: 'its file is damaged',
  [SQLITE_CANTOPEN]: 'its file, or one beside it, cannot be opened',
  [SQLITE_NOTADB]: 'its file is damaged',
};

/** A file system with less room than this takes no page of the store, its journal and its index. */
const NO_ROOM_BYTES = 64 * 1024;

/**
 * The error of the store for one of SQLite: STORE_FULL if there is no room for the file `path`, STORE_FAILED
 * with the reason otherwise.
 *
 * SQLite says SQLITE_FULL for ENOSPC in a write. Where it cannot grow the shared index of the write-ahead log
 * it says SQLITE_IOERR_SHMSIZE for the same, and SQLITE_IOERR for a quota. So the file system is asked.
 */
export function sqliteError(cause: unknown, path: string): FarcallError {
  if (cause instanceof FarcallError) return cause;
  const code = primaryCodeOf(cause);
  if (code === SQLITE_FULL) return storeFull(cause);
  if (code === SQLITE_IOERR || code === SQLITE_CANTOPEN) if (isFull(path)) return storeFull(cause);
  return storeFailed(cause, code === undefined ? undefined : REASONS[code]);
}

/** The low byte of an extended result code. */
function primaryCodeOf(cause: unknown): number | undefined {
  const code = cause instanceof Error && 'errcode' in cause ? cause.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

function isFull(path: string): boolean {
  try {
    const { bavail, bsize, ffree, files } = statfsSync(dirname(path));
    return bavail * bsize < NO_ROOM_BYTES || (files > 0 && ffree === 0);
  } catch {
    return false;
  }
}
