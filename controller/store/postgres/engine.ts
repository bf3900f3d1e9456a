import { Kysely, PostgresDialect, sql } from 'kysely';
import {
  type ChangeFeed,
  checkStoreKey,
  type Engine,
  emptyTableMacs,
  isNewStore,
  type StoreKey,
} from '../core/index.ts';
import type { Schema } from '../schema/index.ts';
import { openPool } from './connect.ts';
import { isRetryable, toStoreError } from './errors.ts';
import { startListener } from './listener.ts';
import { LOCK_CLASS, migratePostgres } from './migrate.ts';
import type { PostgresOptions } from './options.ts';

/** Hears when the notices of other controllers begin and cease to come. */
export type ListenerReport = (listening: boolean, error?: unknown) => void;

/** Where notices of changes go, who hears of the connection, and the key of the store's MACs. */
export interface PostgresParts {
  readonly feed: ChangeFeed;
  readonly report: ListenerReport;
  readonly key: StoreKey;
}

/**
 * PostgreSQL, for one controller or several. Brings the schema up to date. Throws UNREACHABLE if there is
 * no database, STORE_FAILED if it is of a newer farcall, CONFIG_INVALID if `key` is not its key. Once open,
 * it comes back by itself whenever the database does.
 *
 * Transactions that change audited tables go one after the other, over all controllers (`takeTurn`): that is
 * the order of the audit log, and what SQLite does anyway. READ COMMITTED then shows each of them all that
 * came before it.
 */
export async function postgresEngine(
  options: PostgresOptions,
  { feed, report, key }: PostgresParts,
): Promise<Engine> {
  await migratePostgres(options).catch(cause => {
    throw toStoreError(cause);
  });
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: openPool(options) }) });
  await beginTableMacs(db, key).catch(async cause => {
    await db.destroy();
    throw toStoreError(cause);
  });
  const listener = startListener(options, feed, report);
  const turn = sql`select pg_advisory_xact_lock(${LOCK_CLASS}, hashtext(${`turn ${options.schema}`}))`;
  return {
    db,
    isExclusive: false,
    takeTurn: async trx => void (await turn.execute(trx)),
    async announce(trx, topics) {
      for (const topic of topics) {
        const { channel, payload } = listener.noticeOf(topic);
        await sql`select pg_notify(${channel}, ${payload})`.execute(trx);
      }
    },
    async nowMs(on) {
      const now = sql<{ ms: number }>`select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms`;
      return (await now.execute(on)).rows[0]!.ms;
    },
    isRetryable,
    toError: toStoreError,
    async close() {
      await listener.close();
      await db.destroy();
    },
  };
}

/** Writes the MACs of the tables of a new store; of another one, checks that `key` is its key. */
async function beginTableMacs(db: Kysely<Schema>, key: StoreKey): Promise<void> {
  if (await isNewStore(db))
    await db
      .insertInto('table_macs')
      .values([...emptyTableMacs(key)])
      .onConflict(conflict => conflict.column('name').doNothing())
      .execute();
  checkStoreKey(key, await db.selectFrom('table_macs').selectAll().execute());
}
