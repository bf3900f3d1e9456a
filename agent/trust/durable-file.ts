import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FarcallError } from '../../shared/errors/index.ts';

/**
 * Puts `text` into the file `path` (0600), in the place of what was there. When this returns it is on the disk; after a
 * crash before that there is the old content or the new, never a mixture. Throws STORE_FAILED.
 */
export function writeDurably(path: string, text: string): void {
  const draft = `${path}.new`;
  try {
    rmSync(draft, { force: true });
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    syncPath(draft);
    renameSync(draft, path);
    syncPath(dirname(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FarcallError('STORE_FAILED', `${path} cannot be written: ${reason}`, { cause });
  }
}

function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
