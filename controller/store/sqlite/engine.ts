import type { Kysely } from 'kysely';
import type { Clock } from '../../../shared/clock/index.ts';
import { type Engine, storeFailed } from '../core/index.ts';
import type { Schema } from '../schema/index.ts';

/** SQLite: one process, one connection, one transaction at a time. `clock` is the process's own. */
export function sqliteEngine(db: Kysely<Schema>, clock: Clock): Engine {
  return {
    db,
    isExclusive: true,
    takeTurn: async () => undefined,
    announce: async () => undefined,
    nowMs: async () => clock.nowMs(),
    isRetryable: () => false,
    toError: storeFailed,
    close: () => db.destroy(),
  };
}
