import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type ErrorCode, FarcallError } from '../errors/index.ts';

/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/** What is said when the lock is taken, and the code of every other failure. */
export interface ProcessLockWords {
  /** The message of CONFLICT. */
  readonly held: string;
  readonly failed: ErrorCode;
}

/**
 * A file that one process holds alone.
 *
 * A file with a process id can be stale, and taking it over is a race; a socket's name is not shared across
 * network namespaces. A lock that the kernel holds has neither problem: it ends with the process, however
 * that ends. Node offers no flock, but its SQLite takes a POSIX lock (fcntl) on an empty database for as long
 * as an exclusive transaction is open. Children do not inherit it.
 */
export class ProcessLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Takes the lock on `path`, made if it is not there. Throws CONFLICT if another process has it. */
  static take(path: string, { held, failed }: ProcessLockWords): ProcessLock {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path);
      chmodSync(path, 0o600);
      database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      return new ProcessLock(database);
    } catch (cause) {
      database?.close();
      if (cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY)
        throw new FarcallError('CONFLICT', held, { cause });
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new FarcallError(failed, `${path} cannot be locked: ${reason}`, { cause });
    }
  }

  release(): void {
    this.#database.close();
  }
}
