import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { FarcallError } from '../../../shared/errors/index.ts';
import { isServerError, unreachable } from './errors.ts';
import type { PostgresOptions } from './options.ts';

/** OIDs of the types that our tables have (`pg_type.dat` of PostgreSQL 15). */
const INT8 = 20;
const BYTEA = 17;

/** How long an unused connection is kept. */
const IDLE_MS = 60_000;
/** After so much silence the system asks whether the other side still lives. */
const KEEP_ALIVE_MS = 10_000;

/**
 * How `pg` connects. Everything is said, so that nothing comes from PG* variables or ~/.pgpass.
 *
 * Threats: anyone who may make objects in another schema puts a table or function of their own in front of
 * ours (CVE-2018-1058: the search path is our schema alone); a server that is none (the certificate must be
 * for the host that we meant).
 */
export function connectionOptions(options: PostgresOptions): pg.ClientConfig {
  const { host, port, database, user, password, tls, schema, timeoutMs } = options;
  const path = `${pg.escapeIdentifier(schema)},pg_temp`.replaceAll(/[\\ ]/g, escaped => `\\${escaped}`);
  return {
    ...{ host, port, database, user },
    password: password ?? (() => ''),
    application_name: 'farcall-controller',
    options: `-c search_path=${path} -c client_min_messages=warning`,
    ssl: tls ? { ca: tls.ca, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.3' } : false,
    types: { getTypeParser: (oid, format) => parserOf(oid) ?? pg.types.getTypeParser(oid, format) },
    statement_timeout: timeoutMs,
    lock_timeout: timeoutMs,
    idle_in_transaction_session_timeout: 2 * timeoutMs,
    // Later than the server's own, which leaves the connection in good order.
    query_timeout: timeoutMs + 5000,
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  };
}

/** One connection; the caller must end it. Throws UNREACHABLE. */
export async function connectOne(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  client.on('error', () => undefined);
  await client.connect().catch(cause => {
    throw unreachable(cause);
  });
  return client;
}

/** The connections of a store, made when they are needed and replaced when they break. */
export function openPool(options: PostgresOptions): PostgresPool {
  const pool = new pg.Pool({
    ...connectionOptions(options),
    max: options.connections,
    idleTimeoutMillis: IDLE_MS,
  });
  // What breaks an idle connection is found out, and said, by anyone who needs the next one.
  const ignored = (): void => undefined;
  pool.on('error', ignored);
  pool.on('connect', client => client.on('error', ignored));
  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect().catch(cause => {
        throw unreachable(cause);
      });
      return asPoolClient(client);
    },
    end: () => pool.end(),
  };
}

/**
 * A connection that did not answer, or that broke, is not used again: its next answer may belong to an
 * earlier query.
 */
function asPoolClient(client: pg.PoolClient): PostgresPoolClient {
  let broken = false;
  const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
    try {
      return await client.query(text, [...values]);
    } catch (error) {
      broken ||= !isServerError(error);
      throw error;
    }
  };
  return {
    query: query as PostgresPoolClient['query'],
    release: () => client.release(broken),
  };
}

function parserOf(oid: number): ((text: string) => unknown) | undefined {
  if (oid === INT8) return numberOf;
  if (oid === BYTEA) return bytesOf;
  return undefined;
}

function numberOf(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new FarcallError('STORE_FAILED', `the store holds ${text}, which is no number of farcall's`);
}

/** Bytes in PostgreSQL's hex format: \x00ff (section 8.4.1 of its manual). */
function bytesOf(text: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = Buffer.from(text.slice(2), 'hex');
  return new Uint8Array(buffer, byteOffset, byteLength);
}
