import pg from 'pg';
import { FarcallError } from '../../../shared/errors/index.ts';
import { type AuditSource, PRIMARY_KEYS } from '../core/index.ts';
import { MIGRATIONS, type Schema, type TableName } from '../schema/index.ts';
import { connectionOptions, connectOne } from './connect.ts';
import { toStoreError } from './errors.ts';
import { schemaVersion, storeName } from './migrate.ts';
import type { PostgresOptions } from './options.ts';
import { type Query, structureProblems } from './structure.ts';

/** Rows that are fetched at a time. */
const ROWS_PER_FETCH = 1000;

/** Opens a store in PostgreSQL for an auditor: everything is read in one snapshot, in pieces. */
export async function openPostgresAuditSource(options: PostgresOptions): Promise<AuditSource> {
  const client = await connectAuditor(options);
  try {
    await client.query('begin isolation level repeatable read, read only');
    await checkVersion(client, options);
    return sourceOn(client, options);
  } catch (cause) {
    await client.end();
    throw toStoreError(cause);
  }
}

/**
 * A connection on which nothing takes too long. Integers beyond 2^53 become numbers that are equal to none of
 * ours.
 */
function connectAuditor(options: PostgresOptions): Promise<pg.Client> {
  const { query_timeout, ...rest } = connectionOptions(options);
  const noLimit = { statement_timeout: 0, idle_in_transaction_session_timeout: 0 };
  const types = rest.types!;
  return connectOne({
    ...{ ...rest, ...noLimit },
    types: {
      getTypeParser: (oid, format) =>
        oid === pg.types.builtins.INT8 ? Number : types.getTypeParser(oid, format),
    },
  });
}

async function checkVersion(client: pg.Client, options: PostgresOptions): Promise<void> {
  const { rows } = await client.query("select to_regclass('schema_versions') is not null as there");
  if (!rows[0].there) throw new FarcallError('STORE_FAILED', `there is no store ${storeName(options)}`);
  const version = await schemaVersion(client);
  if (version === MIGRATIONS.length) return;
  throw new FarcallError(
    'STORE_FAILED',
    `the store ${storeName(options)} has the schema ${version}, and this farcall reads ${MIGRATIONS.length}: verify it with the farcall that wrote it`,
  );
}

function sourceOn(client: pg.Client, options: PostgresOptions): AuditSource {
  const query = inTurn(client);
  return {
    structureProblems: () => structureProblems(query, options),
    rows: table => readRows(query, table),
    async hashAt(seq) {
      const { rows } = await query('select hash from audit where seq = $1', [seq]);
      return rows[0]?.hash;
    },
    async firstEntryBy(actor, afterSeq) {
      const { rows } = await query(
        "select seq from audit where seq > $1 and actor = $2 and kind <> 'log-witnessed' order by seq limit 1",
        [afterSeq, actor],
      );
      return rows[0] && Number(rows[0].seq);
    },
    close: () => client.end(),
  };
}

/** Queries on one connection, each begun when the one before is over. */
function inTurn(client: pg.Client): Query {
  let last: Promise<unknown> = Promise.resolve();
  return (text, values) => {
    const result = last.then(() => client.query(text, values));
    last = result.catch(() => undefined);
    return result;
  };
}

async function* readRows<T extends TableName>(query: Query, table: T): AsyncIterable<Schema[T]> {
  const cursor = `read_${table}`;
  // What went wrong with one table must not end the snapshot for the next.
  await query(`savepoint ${cursor}`);
  try {
    await query(
      `declare ${cursor} no scroll cursor for select * from ${table} order by ${PRIMARY_KEYS[table]}`,
    );
    for (;;) {
      const { rows } = await query(`fetch forward ${ROWS_PER_FETCH} from ${cursor}`);
      yield* rows;
      if (rows.length < ROWS_PER_FETCH) break;
    }
    await query(`close ${cursor}; release savepoint ${cursor}`);
  } catch (error) {
    await query(`rollback to savepoint ${cursor}`);
    throw error;
  }
}
