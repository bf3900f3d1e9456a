import type { DatabaseSync } from 'node:sqlite';
import { FarcallError } from '../../../shared/errors/index.ts';
import { inSqlite, MIGRATIONS, type Migration, pendingMigrations } from '../schema/index.ts';

/**
 * Brings the store in `database` to the newest schema, one transaction for each migration. Throws
 * STORE_FAILED, naming `path`, if a newer farcall wrote it or if a row refers to a row that is not there.
 */
export function migrateSqlite(
  database: DatabaseSync,
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): void {
  const version = Number(database.prepare('pragma user_version').get()?.['user_version']);
  const pending = pendingMigrations(version, { store: path, migrations });
  // To rebuild a table that others refer to, their checks must be off
  // (sqlite.org/lang_altertable.html#otheralter).
  database.exec('pragma foreign_keys = off');
  for (const [schema, migration] of pending)
    database.exec(`begin immediate; ${inSqlite(migration)}; pragma user_version = ${schema}; commit;`);
  const dangling = database.prepare('pragma foreign_key_check').all().length;
  if (dangling > 0)
    throw new FarcallError('STORE_FAILED', `the store ${path} has ${dangling} rows that refer to nothing`);
  database.exec('pragma foreign_keys = on');
}
