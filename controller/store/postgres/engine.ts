import { Kysely, PostgresDialect, sql } from 'kysely';
import type { ChangeFeed, Engine } from '../core/index.ts';
import type { Schema } from '../schema/index.ts';
import { openPool } from './connect.ts';
import { isRetryable, toStoreError } from './errors.ts';
import { startListener } from './listener.ts';
import { LOCK_CLASS, migratePostgres } from './migrate.ts';
import type { PostgresOptions } from './options.ts';

/** Hears when the notices of other controllers begin and cease to come. */
export type ListenerReport = (listening: boolean, error?: unknown) => void;

/**
 * PostgreSQL, for one controller or several. Brings the schema up to date. Throws UNREACHABLE if there is
 * no database, STORE_FAILED if it is of a newer farcall. Once open, it comes back by itself whenever the
 * database does.
 *
 * Transactions that change audited tables go one after the other, over all controllers (`takeTurn`): that is
 * the order of the audit log, and what SQLite does anyway. READ COMMITTED then shows each of them all that
 * came before it.
 */
export async function postgresEngine(
  options: PostgresOptions,
  feed: ChangeFeed,
  report: ListenerReport,
): Promise<Engine> {
  await migratePostgres(options).catch(cause => {
    throw toStoreError(cause);
  });
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: openPool(options) }) });
  const listener = startListener(options, feed, report);
  const turn = sql`select pg_advisory_xact_lock(${LOCK_CLASS}, hashtext(${`turn ${options.schema}`}))`;
  return {
    db,
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
