import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { FarcallError } from '../../../shared/errors/index.ts';
import { syncDirectory } from '../../../shared/files/index.ts';
import { sqliteError } from './errors.ts';

/** All pages in one step, so in one read transaction: a writer beside it neither waits nor restarts it. */
const ALL_PAGES = 0x7fff_ffff;

/**
 * Copies the SQLite store `path` to the new file `target`, while a controller may write (SQLite's online
 * backup, sqlite.org/backup.html). The copy is one moment of the store. It has its name only when it is
 * whole, checked and on the disk, and is its owner's alone (0600): programs and results are in it. Throws
 * CONFLICT if `target` exists, and STORE_FAILED.
 */
export async function backupSqlite(path: string, target: string): Promise<void> {
  if (existsSync(target)) throw new FarcallError('CONFLICT', `${target} exists; give a new file with --out`);
  const draft = `${target}.part`;
  removeDraft(draft);
  try {
    closeSync(openSync(draft, 'wx', 0o600));
    const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    try {
      await backup(database, draft, { rate: ALL_PAGES });
    } finally {
      database.close();
    }
    checkCopy(draft);
    syncFile(draft);
    renameSync(draft, target);
    syncDirectory(dirname(target));
  } catch (cause) {
    removeDraft(draft);
    throw sqliteError(cause, path);
  }
}

function checkCopy(draft: string): void {
  const copy = new DatabaseSync(draft);
  try {
    const [row] = copy.prepare('pragma integrity_check(1)').all();
    if (row?.['integrity_check'] !== 'ok')
      throw new FarcallError('STORE_FAILED', `the copy in ${draft} is damaged: ${row?.['integrity_check']}`);
  } finally {
    copy.close();
  }
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function removeDraft(draft: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(draft + suffix, { force: true });
}
