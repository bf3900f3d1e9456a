import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { FarcallError } from '../../../shared/errors/index.ts';
import { checkStoreKey, emptyTableMacs, type StoreKey } from '../core/index.ts';
import type { TableMacsTable } from '../schema/index.ts';
import { sqliteError } from './errors.ts';
import { migrateSqlite } from './migrate.ts';

/**
 * Opens the SQLite file `path`, made where it does not exist and brought to the newest schema. `:memory:` is
 * a store that lives as long as it is open.
 *
 * WAL with synchronous=FULL: what is committed survives a power cut
 * (sqlite.org/pragma.html#pragma_synchronous). The file and its companions are 0600, because programs and
 * results are nobody else's business. Throws CONFIG_INVALID if `key` is not the key of the store.
 */
export function openDatabase(path: string, key: StoreKey): DatabaseSync {
  try {
    if (path !== ':memory:') createPrivate(path);
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5000 });
    database.exec(
      'pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536; pragma trusted_schema = off',
    );
    migrateSqlite(database, path);
    beginTableMacs(database, key);
    return database;
  } catch (cause) {
    throw sqliteError(cause, path);
  }
}

/** Writes the MACs of the tables of a new store; of another one, checks that `key` is its key. */
function beginTableMacs(database: DatabaseSync, key: StoreKey): void {
  const known = database.prepare('select * from table_macs').all() as unknown as TableMacsTable[];
  const isNew = known.length === 0 && !database.prepare('select 1 from audit limit 1').get();
  if (!isNew) return checkStoreKey(key, known);
  const insert = database.prepare('insert into table_macs (name, row_count, sum, mac) values (?, ?, ?, ?)');
  for (const { name, row_count, sum, mac } of emptyTableMacs(key)) insert.run(name, row_count, sum, mac);
}

/**
 * SQLite gives its -wal and -shm files the mode of the database file, so it is enough to make that one first.
 */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  } catch (cause) {
    throw new FarcallError('STORE_FAILED', `the store ${path} cannot be opened for writing`, { cause });
  }
}
