import type { Kysely } from 'kysely';
import type { Slice } from '../../../shared/targets/index.ts';
import type { Change, Database, MacTables } from '../core/index.ts';
import { enrolledHosts, type HostRecord, hostLockReasons, hostOfRow } from '../hosts/index.ts';
import type { Schema } from '../schema/index.ts';
import { type ExpectedHost, type RequestRecord, requestOfRow } from './request-store.ts';

/** A known host, and since when it has been one. */
export interface LateJoiner {
  readonly record: HostRecord;
  /** When it was enrolled with its keys of now, or said its first hello, whichever came later. */
  readonly joinedAtMs: number;
  /** When it was enrolled with its keys of now. */
  readonly enrolledAtMs: number;
}

/** Hosts that come when a request is made already. */
export interface LateJoinerStore {
  /** The host, once it is enrolled and has said hello. */
  find(host: string): Promise<LateJoiner | undefined>;
  /** Requests, the oldest first, that are not over, were made before `host` joined, and do not expect it. */
  requestsBefore(joiner: LateJoiner, nowMs: number): Promise<readonly RequestRecord[]>;
  /** The slices of a request's waves, in their order; the first is that of wave 1. */
  slicesOf(requestId: string): Promise<readonly Slice[]>;
  /**
   * Has a request expect one host more, in one transaction with its count and its entry in the audit log, so
   * that the outcomes add up as before. False if the request is over by now, or expects the host.
   */
  add(requestId: string, host: ExpectedHost, why: 'late' | 'answers'): Promise<boolean>;
}

/** States of requests whose hosts may still begin. */
const OPEN = ['pending', 'rejected', 'approved', 'dispatched'] as const;

/** The part of the store about late joiners. */
export function lateJoinerStoreOn(database: Database): LateJoinerStore {
  return {
    find: host => database.read(db => find(db, database.macs, host)),
    requestsBefore: ({ record, joinedAtMs }, nowMs) =>
      database.read(async db => {
        const rows = await db
          .selectFrom('requests')
          .selectAll()
          .where('state', 'in', OPEN)
          .where('created_at_ms', '<', joinedAtMs)
          .where('expires_at_ms', '>', nowMs)
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('expected_hosts')
                  .select('host')
                  .whereRef('request_id', '=', 'requests.id')
                  .where('host', '=', record.host),
              ),
            ),
          )
          .orderBy('created_at_ms')
          .execute();
        return rows.map(requestOfRow);
      }),
    slicesOf: requestId =>
      database.read(async db => {
        const rows = await db
          .selectFrom('waves')
          .select(['slice_from', 'slice_to'])
          .where('request_id', '=', requestId)
          .orderBy('number')
          .execute();
        return rows.map(row => ({ from: row.slice_from, to: row.slice_to }));
      }),
    add: (requestId, host, why) => database.change(change => add(change, { requestId, host, why })),
  };
}

async function find(db: Kysely<Schema>, macs: MacTables, host: string): Promise<LateJoiner | undefined> {
  const row = await enrolledHosts(db).where('hosts.name', '=', host).executeTakeFirst();
  const locks = await hostLockReasons({ trx: db, macs }, [host]);
  const record = row && hostOfRow({ macs, locks }, row);
  if (!record) return undefined;
  const { enrolled_at_ms: enrolledAtMs, first_seen_ms: firstSeenMs } = row;
  return { record, joinedAtMs: Math.max(enrolledAtMs, firstSeenMs), enrolledAtMs };
}

interface Addition {
  readonly requestId: string;
  readonly host: ExpectedHost;
  readonly why: 'late' | 'answers';
}

async function add(change: Change, { requestId, host: joiner, why }: Addition): Promise<boolean> {
  const { trx } = change;
  const { host, kernelRelease, arch, wave } = joiner;
  const expected = trx.selectFrom('expected_hosts').select('host').where('request_id', '=', requestId);
  if (await expected.where('host', '=', host).executeTakeFirst()) return false;
  const counted = await trx
    .updateTable('requests')
    .set(({ eb }) => ({ expected_hosts: eb('expected_hosts', '+', 1) }))
    .where('id', '=', requestId)
    .where('state', 'in', OPEN)
    .executeTakeFirst();
  if (Number(counted.numUpdatedRows) === 0) return false;
  const waves = trx.updateTable('waves').set(({ eb }) => ({ hosts: eb('hosts', '+', 1) }));
  await waves.where('request_id', '=', requestId).where('number', '=', wave).execute();
  const detail = { kernelRelease, arch, wave, ...(why === 'answers' && { answers: true as const }) };
  const seq = await change.audit({ kind: 'host-joined', actor: 'controller', requestId, host, detail });
  await trx
    .insertInto('expected_hosts')
    .values({
      request_id: requestId,
      host,
      kernel_release: kernelRelease,
      arch,
      ...{ outcome: null, wave, attempt: 1, unhealthy: null, result_summary: null },
      changed_seq: seq,
    })
    .execute();
  return true;
}
