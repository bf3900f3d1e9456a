import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FarcallError } from '../errors/index.ts';

/**
 * Writes the file `path` for its owner only (0600), in the place of an older one: after a crash there is the old one or the
 * new, whole. Throws FILE_UNREADABLE.
 */
export function writePrivateFile(path: string, content: string | Uint8Array): void {
  const draft = `${path}.new`;
  try {
    rmSync(draft, { force: true });
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(draft, path);
    syncFolder(dirname(path));
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `${path} cannot be written`, { cause });
  }
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
