import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { FarcallError } from '../../../shared/errors/index.ts';
import { type AuditSource, PRIMARY_KEYS } from '../core/index.ts';
import { inSqlite, MIGRATIONS, type Schema, type TableName } from '../schema/index.ts';

const SCHEMA_QUERY =
  "select type, name, sql from sqlite_schema where name not like 'sqlite\\_%' escape '\\' order by type, name";

/**
 * Opens the SQLite store `path` for reading only, also while a controller runs on it: what is read is the
 * state of one moment. Throws STORE_FAILED if it is no store, or of another version of farcall.
 */
export function openSqliteAuditSource(path: string): AuditSource {
  if (!existsSync(path)) throw new FarcallError('FILE_UNREADABLE', `there is no store ${path}`);
  let database: DatabaseSync | undefined;
  try {
    database = openReadOnly(path);
    checkVersion(database, path);
    database.exec('begin');
    return sourceOn(database);
  } catch (cause) {
    database?.close();
    if (cause instanceof FarcallError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FarcallError('STORE_FAILED', `${path} cannot be read as a store: ${reason}`, { cause });
  }
}

/**
 * A store on a medium that cannot be written has no place for SQLite's shared memory: it is read as it lies
 * there.
 */
function openReadOnly(path: string): DatabaseSync {
  const options = { readOnly: true, timeout: 5000 } as const;
  const database = new DatabaseSync(path, options);
  try {
    database.prepare('select 1 from sqlite_schema').get();
    return database;
  } catch (error) {
    database.close();
    if (existsSync(`${path}-wal`)) throw error;
    const url = pathToFileURL(path);
    url.searchParams.set('immutable', '1');
    return new DatabaseSync(url, options);
  }
}

function checkVersion(database: DatabaseSync, path: string): void {
  database.exec('pragma trusted_schema = off; pragma cell_size_check = on');
  const version = Number(database.prepare('pragma user_version').get()?.['user_version']);
  if (version === MIGRATIONS.length) return;
  throw new FarcallError(
    'STORE_FAILED',
    `${path} has the schema ${version}, and this farcall reads ${MIGRATIONS.length}: verify it with the farcall that wrote it`,
  );
}

function sourceOn(database: DatabaseSync): AuditSource {
  const hashAt = database.prepare('select hash from audit not indexed where seq = ?');
  const firstEntryBy = database.prepare(
    "select seq from audit not indexed where seq > ? and actor = ? and kind <> 'log-witnessed' order by seq limit 1",
  );
  return {
    *structureProblems() {
      yield* schemaProblems(database);
      for (const row of database.prepare('pragma integrity_check(100)').iterate()) {
        const text = String(row['integrity_check']);
        if (text !== 'ok') yield `SQLite's integrity check: ${text}`;
      }
      for (const row of database.prepare('pragma foreign_key_check').iterate())
        yield `row ${row['rowid'] ?? ''} of ${row['table']} points to a row of ${row['parent']} that is not there`;
    },
    *rows<T extends TableName>(table: T) {
      const statement = database.prepare(`select * from ${table} order by ${PRIMARY_KEYS[table]}`);
      statement.setReadBigInts(true);
      for (const row of statement.iterate()) yield plainRow(row) as unknown as Schema[T];
    },
    hashAt: async seq => hashAt.get(seq)?.['hash'] as Uint8Array | undefined,
    async firstEntryBy(actor, afterSeq) {
      const row = firstEntryBy.get(afterSeq, actor);
      return row && Number(row['seq']);
    },
    close: async () => database.close(),
  };
}

/** Integers beyond 2^53 cannot be ours; they become numbers that are equal to none of ours. */
function plainRow(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  );
}

/**
 * Threat: anyone who can write to the file can also drop the triggers that keep the log from being edited, or
 * put a view in the place of a table. So the whole schema must be, word by word, what our own migrations
 * make.
 */
function* schemaProblems(database: DatabaseSync): Iterable<string> {
  const ours = new DatabaseSync(':memory:');
  for (const migration of MIGRATIONS) ours.exec(inSqlite(migration));
  const expected = schemaOf(ours);
  ours.close();
  const found = schemaOf(database);
  for (const [name, sql] of expected) {
    if (!found.has(name)) yield `the ${name} is missing`;
    else if (found.get(name) !== sql) yield `the ${name} is not as farcall makes it`;
  }
  for (const name of found.keys()) if (!expected.has(name)) yield `the ${name} is not farcall's`;
}

function schemaOf(database: DatabaseSync): Map<string, string> {
  const rows = database.prepare(SCHEMA_QUERY).all();
  return new Map(rows.map(({ type, name, sql }) => [`${type} ${name}`, String(sql)]));
}
