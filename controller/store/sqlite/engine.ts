import type { Clock } from '../../../shared/clock/index.ts';
import type { Engine } from '../core/index.ts';
import { sqliteError } from './errors.ts';
import type { OpenedSqlite } from './open-sqlite.ts';

/**
 * SQLite on the file `path`: one process, one connection, one transaction at a time. `clock` is the process's
 * own.
 */
export function sqliteEngine({ db, close }: OpenedSqlite, path: string, clock: Clock): Engine {
  return {
    ...{ db, close },
    isExclusive: true,
    takeTurn: async () => undefined,
    announce: async () => undefined,
    nowMs: async () => clock.nowMs(),
    isRetryable: () => false,
    toError: cause => sqliteError(cause, path),
  };
}
