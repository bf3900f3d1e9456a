import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import { FarcallError } from '../../../shared/errors/index.ts';
import { checkStoreKey, emptyTableMacs, type StoreKey } from '../core/index.ts';
import type { Schema, TableMacsTable } from '../schema/index.ts';
import { sqliteError } from './errors.ts';
import { migrateSqlite } from './migrate.ts';

/**
 * Opens the SQLite file `path`, made where it does not exist and brought to the newest schema, as a kysely
 * database. `:memory:` is a store that lives as long as the process.
 *
 * WAL with synchronous=FULL: what is committed survives a power cut
 * (sqlite.org/pragma.html#pragma_synchronous). The file and its companions are 0600, because programs and
 * results are nobody else's business. Throws CONFIG_INVALID if `key` is not the key of the store.
 */
export function openSqlite(path: string, key: StoreKey): Kysely<Schema> {
  try {
    if (path !== ':memory:') createPrivate(path);
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5000 });
    database.exec(
      'pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536; pragma trusted_schema = off',
    );
    migrateSqlite(database, path);
    beginTableMacs(database, key);
    return new Kysely<Schema>({ dialect: new SqliteDialect({ database: asKyselyDatabase(database) }) });
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

/** Our own queries are fewer than this; those whose text varies with their parameters must not pile up. */
const STATEMENTS_LIMIT = 256;

/**
 * What kysely asks of a SQLite database, on Node's own. Statements are kept: compiling one takes longer than
 * running it.
 */
function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = kept.get(sql);
      if (known) return known;
      const statement = sql === 'rollback' ? rollbackOf(database) : prepareStatement(database, sql);
      if (kept.size >= STATEMENTS_LIMIT) kept.clear();
      kept.set(sql, statement);
      return statement;
    },
  };
}

/**
 * Where the disk is full, SQLite has rolled the transaction back by itself (sqlite.org/lang_transaction.html,
 * section 3). A second rollback is an error, which would take the place of the one that says why.
 */
function rollbackOf(database: DatabaseSync): SqliteStatement {
  const rollback = prepareStatement(database, 'rollback');
  return {
    ...rollback,
    run: parameters =>
      database.isTransaction ? rollback.run(parameters) : { changes: 0n, lastInsertRowid: 0n },
  };
}

function prepareStatement(database: DatabaseSync, sql: string): SqliteStatement {
  const statement = database.prepare(sql);
  const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: parameters => statement.all(...values(parameters)),
    run: parameters => statement.run(...values(parameters)),
    // Of its own: the next use of a statement would end an iteration that still goes on.
    iterate: parameters => database.prepare(sql).iterate(...values(parameters)),
  };
}
