import pg from 'pg';
import { inPostgres, MIGRATIONS, type Migration, pendingMigrations } from '../schema/index.ts';
import { connectionOptions, connectOne } from './connect.ts';
import type { PostgresOptions } from './options.ts';

/** Which schemas the store had, and since when. */
export const VERSION_TABLE =
  'create table if not exists schema_versions (version bigint primary key, since timestamptz not null)';

/**
 * First key of our advisory locks ('fcal'); the second names the schema, so that two stores in one database
 * do not meet.
 */
export const LOCK_CLASS = 0x6663616c;

/**
 * Brings the store to the newest schema, made where there is none. In one transaction and one controller at a
 * time: of several that start at once one does it, and the others find it done.
 */
export async function migratePostgres(
  options: PostgresOptions,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const client = await connectOne(connectionOptions(options));
  try {
    await client.query('begin');
    await client.query('set local statement_timeout = 0; set local lock_timeout = 0');
    await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [
      LOCK_CLASS,
      `migrate ${options.schema}`,
    ]);
    await makeSchema(client, options.schema);
    await applyMigrations(client, { store: storeName(options), migrations });
    await client.query('commit');
  } finally {
    await client.end();
  }
}

/** Looked for first, because making one takes a right that using one does not. */
async function makeSchema(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query('select from pg_namespace where nspname = $1', [schema]);
  if (rows.length === 0) await client.query(`create schema ${pg.escapeIdentifier(schema)}`);
}

async function applyMigrations(
  client: pg.Client,
  target: { readonly store: string; readonly migrations: readonly Migration[] },
): Promise<void> {
  await client.query(VERSION_TABLE);
  for (const [schema, migration] of pendingMigrations(await schemaVersion(client), target)) {
    await client.query(inPostgres(migration));
    await client.query('insert into schema_versions (version, since) values ($1, now())', [schema]);
  }
}

/** The version of the schema; 0 if there is nothing yet. */
export async function schemaVersion(client: pg.Client): Promise<number> {
  const { rows } = await client.query('select coalesce(max(version), 0) as version from schema_versions');
  return rows[0].version;
}

/** The store as messages name it. */
export function storeName({ host, port, database, schema }: PostgresOptions): string {
  return `${schema} in database ${database} at ${host}:${port}`;
}
