import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FarcallError } from '../../shared/errors/index.ts';

const LOCK_FILE = 'lock';
/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/**
 * Holds the state directory for this process alone.
 *
 * Threat: two agents with one journal would each find an order new, and run it twice. A file with a process
 * id can be stale, and taking it over is a race; a socket's name is not shared across network namespaces. A
 * lock that the kernel holds has neither problem: it ends with the process, however that ends. Node offers no
 * flock, but its SQLite takes a POSIX lock (fcntl) on an empty database for as long as an exclusive
 * transaction is open. Children do not inherit it.
 */
export class StateLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Takes the lock of `directory`. Throws CONFLICT if another process has it, JOURNAL_FAILED if it cannot be
   * taken.
   */
  static take(directory: string): StateLock {
    const path = join(directory, LOCK_FILE);
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path);
      chmodSync(path, 0o600);
      database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      return new StateLock(database);
    } catch (cause) {
      database?.close();
      if (cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY) {
        throw new FarcallError('CONFLICT', `another agent uses ${directory}; only one may`, { cause });
      }
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new FarcallError('JOURNAL_FAILED', `${path} cannot be locked: ${reason}`, { cause });
    }
  }

  release(): void {
    this.#database.close();
  }
}
