import type { Database, PlainTransaction } from '../core/index.ts';

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

async function keep({ trx }: PlainTransaction, heartbeats: readonly ReceivedHeartbeat[]): Promise<void> {
  const newest = Math.max(...heartbeats.map(({ receivedAtMs }) => receivedAtMs));
  const known = await trx
    .updateTable('hosts')
    .set({ last_seen_ms: newest })
    .where(
      'name',
      'in',
      heartbeats.map(({ host }) => host),
    )
    .returning('name')
    .execute();
  const names = new Set(known.map(({ name }) => name));
  const rows = heartbeats.filter(({ host }) => names.has(host)).map(rowOf);
  if (rows.length === 0) return;
  await trx
    .insertInto('host_heartbeats')
    .values(rows)
    .onConflict(conflict =>
      conflict
        .column('host')
        .doUpdateSet(({ ref }) => ({
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
        }))
        .whereRef('host_heartbeats.observed_at_ms', '<', 'excluded.observed_at_ms'),
    )
    .execute();
}

function rowOf(heartbeat: ReceivedHeartbeat) {
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

async function healthStatuses(
  database: Database,
  requestId: string,
  wave: number,
): Promise<readonly HostHealthStatus[]> {
  return database.read(async db => {
    const hosts = await db
      .selectFrom('expected_hosts')
      .innerJoin('hosts', 'hosts.name', 'expected_hosts.host')
      .leftJoin('host_heartbeats', 'host_heartbeats.host', 'expected_hosts.host')
      .select(['expected_hosts.host', 'last_seen_ms', 'boot_id', 'taint'])
      .select(['oops', 'oops_at_ms', 'observed_at_ms'])
      .where('request_id', '=', requestId)
      .where('wave', '=', wave)
      .execute();
    const results = await db
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
    const newest = new Map(results.map(({ host, digest }) => [host, Buffer.from(digest).toString('hex')]));
    return hosts.map(({ host, last_seen_ms, boot_id, taint, oops, oops_at_ms, observed_at_ms }) => ({
      host,
      resultDigest: newest.get(host),
      lastSeenMs: last_seen_ms,
      heartbeat:
        boot_id === null || taint === null || observed_at_ms === null
          ? undefined
          : {
              ...{ bootId: boot_id, taint, observedAtMs: observed_at_ms },
              ...{ oops: oops ?? undefined, oopsAtMs: oops_at_ms ?? undefined },
            },
    }));
  });
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
