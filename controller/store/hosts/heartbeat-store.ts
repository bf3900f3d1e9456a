import type { Kysely } from 'kysely';
import type { Database, PlainTransaction, Unsigned } from '../core/index.ts';
import type { HostHeartbeatsTable, Schema } from '../schema/index.ts';
import { touchHosts } from './host-contacts.ts';

/** The newest report of a host about its kernel. */
export interface KernelHeartbeat {
  readonly bootId: string;
  readonly taint: number;
  /** First line of the newest oops, and when the host noticed it, by its own clock. */
  readonly oops: string | undefined;
  readonly oopsAtMs: number | undefined;
  /** When it looked, by its own clock. */
  readonly observedAtMs: number;
}

/** How new the trust bundle of a host is, as the host says. */
export interface HostTrustStatus {
  /** 0 if it has none. */
  readonly trustVersion: number;
  /**
   * When a controller signed its last statement that none is newer, by that controller's clock; 0 if none
   * came.
   */
  readonly trustConfirmedAtMs: number;
  /** A newer version that a controller named and that the host cannot get. */
  readonly newerTrustVersion: number | undefined;
}

/** A heartbeat, after it was verified. */
export interface ReceivedHeartbeat extends KernelHeartbeat, HostTrustStatus {
  readonly host: string;
  readonly waitingResults: number;
  /** When it came, by the controller's clock. */
  readonly receivedAtMs: number;
}

/** Status of one host of a request, by which its health is evaluated. */
export interface HostHealthStatus {
  readonly host: string;
  /** SHA-256 of its newest result, hex; undefined if there is none. */
  readonly resultDigest: string | undefined;
  /** When it was heard of last, in whatever way. */
  readonly lastSeenMs: number;
  readonly heartbeat: KernelHeartbeat | undefined;
}

/** Heartbeats. They are not recorded in the audit log: nothing is kept of them but the last of each host. */
export interface HeartbeatStore {
  /**
   * Keeps them, in one transaction; older ones than those that are kept, and hosts that never said hello, are
   * left aside.
   */
  keep(heartbeats: readonly ReceivedHeartbeat[]): Promise<void>;
  /** How the hosts of a wave of a request stand. */
  healthStatuses(requestId: string, wave: number): Promise<readonly HostHealthStatus[]>;
  /** The bytes of results of a request, by digest in hex; what is not there is left out. */
  results(requestId: string, hosts: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /**
   * How many hosts are enrolled and have said hello, and how many of them were not heard of since `sinceMs`.
   */
  countHosts(sinceMs: number): Promise<{ readonly known: number; readonly silent: number }>;
}

/** Well below the 32,766 values that SQLite takes in one statement. */
const ROWS_PER_STATEMENT = 1000;

/** The part of the store about heartbeats. */
export function heartbeatStoreOn(database: Database): HeartbeatStore {
  return {
    keep: heartbeats =>
      database.transact(async change => {
        for (let from = 0; from < heartbeats.length; from += ROWS_PER_STATEMENT)
          await keep(change, heartbeats.slice(from, from + ROWS_PER_STATEMENT));
      }),
    healthStatuses: (requestId, wave) => healthStatuses(database, requestId, wave),
    results: (requestId, hosts) => results(database, requestId, hosts),
    countHosts: sinceMs =>
      database.read(async db => {
        const { known, silent } = await db
          .selectFrom('hosts')
          .innerJoin('host_keys', 'host_keys.host', 'hosts.name')
          .leftJoin('host_contacts', 'host_contacts.host', 'hosts.name')
          .where('ended_at_ms', 'is', null)
          .select(({ fn }) => [
            fn.countAll<number>().as('known'),
            fn.countAll<number>().filterWhere('last_seen_ms', '<', sinceMs).as('silent'),
          ])
          .executeTakeFirstOrThrow();
        return { known: Number(known), silent: Number(silent) };
      }),
  };
}

async function keep(change: PlainTransaction, heartbeats: readonly ReceivedHeartbeat[]): Promise<void> {
  const { trx, macs } = change;
  const newest = Math.max(...heartbeats.map(({ receivedAtMs }) => receivedAtMs));
  const names = heartbeats.map(({ host }) => host);
  const known = await touchHosts(change, names, newest);
  await macs.edit(trx, 'host_heartbeats', async edit => {
    const stored = await trx.selectFrom('host_heartbeats').selectAll().where('host', 'in', names).execute();
    const before = new Map(macs.genuine('host_heartbeats', stored).map(row => [row.host, row]));
    const rows = new Map<string, HostHeartbeatsTable>();
    for (const row of heartbeats.filter(({ host }) => known.has(host)).map(rowOf)) {
      const other = rows.get(row.host) ?? before.get(row.host);
      if (!other || other.observed_at_ms < row.observed_at_ms)
        rows.set(row.host, macs.sign('host_heartbeats', row));
    }
    await replaceHeartbeats(trx, [...rows.values()]);
    edit.removed(...[...rows.keys()].map(host => before.get(host)).filter(row => row !== undefined));
    edit.added(...rows.values());
  });
}

async function replaceHeartbeats(
  trx: PlainTransaction['trx'],
  rows: readonly HostHeartbeatsTable[],
): Promise<void> {
  if (rows.length === 0) return;
  await trx
    .insertInto('host_heartbeats')
    .values(rows)
    .onConflict(conflict =>
      conflict.column('host').doUpdateSet(({ ref }) => ({
        boot_id: ref('excluded.boot_id'),
        taint: ref('excluded.taint'),
        oops: ref('excluded.oops'),
        oops_at_ms: ref('excluded.oops_at_ms'),
        waiting_results: ref('excluded.waiting_results'),
        trust_version: ref('excluded.trust_version'),
        trust_confirmed_at_ms: ref('excluded.trust_confirmed_at_ms'),
        newer_trust_version: ref('excluded.newer_trust_version'),
        observed_at_ms: ref('excluded.observed_at_ms'),
        received_at_ms: ref('excluded.received_at_ms'),
        mac: ref('excluded.mac'),
      })),
    )
    .execute();
}

function rowOf(heartbeat: ReceivedHeartbeat): Unsigned<HostHeartbeatsTable> {
  return {
    host: heartbeat.host,
    boot_id: heartbeat.bootId,
    taint: heartbeat.taint,
    oops: heartbeat.oops ?? null,
    oops_at_ms: heartbeat.oopsAtMs ?? null,
    waiting_results: heartbeat.waitingResults,
    trust_version: heartbeat.trustVersion,
    trust_confirmed_at_ms: heartbeat.trustConfirmedAtMs,
    newer_trust_version: heartbeat.newerTrustVersion ?? null,
    observed_at_ms: heartbeat.observedAtMs,
    received_at_ms: heartbeat.receivedAtMs,
  };
}

/**
 * Threat: somebody who can write to the database makes an unhealthy wave look healthy. A heartbeat or a
 * contact without a valid MAC is none, so its host is unhealthy.
 */
async function healthStatuses(
  { read, macs }: Pick<Database, 'read' | 'macs'>,
  requestId: string,
  wave: number,
): Promise<readonly HostHealthStatus[]> {
  return read(async db => {
    const inWave = db
      .selectFrom('expected_hosts')
      .where('request_id', '=', requestId)
      .where('expected_hosts.wave', '=', wave);
    const hosts = await inWave.select('expected_hosts.host').execute();
    const contactRows = await inWave
      .innerJoin('host_contacts', 'host_contacts.host', 'expected_hosts.host')
      .selectAll('host_contacts')
      .execute();
    const heartbeatRows = await inWave
      .innerJoin('host_heartbeats', 'host_heartbeats.host', 'expected_hosts.host')
      .selectAll('host_heartbeats')
      .execute();
    const contacts = new Map(macs.genuine('host_contacts', contactRows).map(row => [row.host, row]));
    const heartbeats = new Map(macs.genuine('host_heartbeats', heartbeatRows).map(row => [row.host, row]));
    const digests = await resultDigests(db, requestId, wave);
    return hosts.map(({ host }) => ({
      host,
      resultDigest: digests.get(host),
      lastSeenMs: contacts.get(host)?.last_seen_ms ?? 0,
      heartbeat: heartbeatOf(heartbeats.get(host)),
    }));
  });
}

/** SHA-256 of the newest result of each host of a wave, hex. */
async function resultDigests(
  db: Kysely<Schema>,
  requestId: string,
  wave: number,
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom('results')
    .innerJoin('expected_hosts', join =>
      join
        .onRef('expected_hosts.request_id', '=', 'results.request_id')
        .onRef('expected_hosts.host', '=', 'results.host'),
    )
    .select(['results.host', 'digest'])
    .where('results.request_id', '=', requestId)
    .where('wave', '=', wave)
    .orderBy('results.attempt')
    .orderBy('late')
    .execute();
  // The last one of each host stays.
  return new Map(rows.map(({ host, digest }) => [host, Buffer.from(digest).toString('hex')]));
}

function heartbeatOf(row: HostHeartbeatsTable | undefined): KernelHeartbeat | undefined {
  if (!row) return undefined;
  const { boot_id: bootId, taint, oops, oops_at_ms, observed_at_ms: observedAtMs } = row;
  return { bootId, taint, observedAtMs, oops: oops ?? undefined, oopsAtMs: oops_at_ms ?? undefined };
}

async function results(
  database: Database,
  requestId: string,
  hosts: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (let from = 0; from < hosts.length; from += ROWS_PER_STATEMENT) {
    const rows = await database.read(db =>
      db
        .selectFrom('results')
        .select(['digest', 'result'])
        .where('request_id', '=', requestId)
        .where('host', 'in', hosts.slice(from, from + ROWS_PER_STATEMENT))
        .execute(),
    );
    for (const { digest, result } of rows) found.set(Buffer.from(digest).toString('hex'), result);
  }
  return found;
}
