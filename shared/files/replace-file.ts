import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How a file is replaced. */
export interface ReplaceFileOptions {
  /** Permission bits of the new file; 0600 by default. */
  readonly mode?: number;
  /** Set where several processes may replace the file at one moment: each then writes a draft of its own. */
  readonly concurrent?: boolean;
}

/**
 * Puts `content` into the file `path`, in the place of an older one. When this returns, the content is on the
 * disk. A crash before that leaves the old file or the new one, each whole. Throws the error of the file
 * system, after which the old file is still there.
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
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
}

/**
 * Makes names that were created, renamed or removed in `directory` durable. Throws the error of the file
 * system.
 */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
