import type { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import type { FarcallError } from '../../../shared/errors/index.ts';
import type { StoreKey } from '../core/index.ts';
import type { Schema } from '../schema/index.ts';
import { type StatementRunner, sqliteDialect } from './dialect.ts';
import { openDatabase } from './open-database.ts';
import { statementRunner } from './run-statement.ts';
import { startStoreThread } from './store-thread.ts';

/** A SQLite store, for kysely, and how it is closed. */
export interface OpenedSqlite {
  readonly db: Kysely<Schema>;
  /** Resolves when the work that has the connection, and all that waits for it, is done. */
  close(): Promise<void>;
}

/**
 * Opens the SQLite file `path` in this thread: what it does, and the disk with it, stops the event loop. For
 * tests and tools that are alone. Throws what `openDatabase` throws.
 */
export function openSqlite(path: string, key: StoreKey): OpenedSqlite {
  return kyselyOn(runnerOn(openDatabase(path, key)));
}

/**
 * As {@link openSqlite}, in a thread of its own. `lost` is called if that thread ends by itself; nothing can
 * be done with the store then.
 */
export async function openSqliteThread(
  path: string,
  key: StoreKey,
  lost: (error: FarcallError) => void,
): Promise<OpenedSqlite> {
  return kyselyOn(await startStoreThread({ path, key }, lost));
}

function runnerOn(database: DatabaseSync): StatementRunner {
  const run = statementRunner(database);
  return { run: async statement => run(statement), close: async () => database.close() };
}

function kyselyOn(runner: StatementRunner): OpenedSqlite {
  const db = new Kysely<Schema>({ dialect: sqliteDialect(runner) });
  // Who asks for the connection now is the last that gets it.
  const closeNow = async (): Promise<void> => {
    await db.connection().execute(async () => undefined);
    await db.destroy();
  };
  let closed: Promise<void> | undefined;
  return {
    db,
    close() {
      closed ??= closeNow();
      return closed;
    },
  };
}
