import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Permissions of the new file, and who else may write it. */
export interface ReplaceFileOptions {
  /** Permission bits of the new file; 0600 by default. */
  readonly mode?: number;
  /** Set this if several processes may replace the file at the same time: each then writes its own draft. */
  readonly concurrent?: boolean;
}

/**
 * Replaces the file `path` by one with `content`. When this returns, the content is on the disk. A crash
 * before that leaves the old file or the new one, never a part. Throws the error of the file system; the old
 * file is then still there.
 */
export function replaceFile(
  path: string,
  content: string | Uint8Array,
  { mode = 0o600, concurrent = false }: ReplaceFileOptions = {},
): void {
  const draft = concurrent ? `${path}.new-${process.pid}` : `${path}.new`;
  try {
    rmSync(draft, { force: true });
    writeFileSync(draft, content, { mode, flag: 'wx', flush: true });
    // The umask of the process may have taken bits away.
    chmodSync(draft, mode);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
}

/**
 * Makes names that were created, renamed or removed in `directory` durable (fsync). Throws the error of the
 * file system.
 */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
