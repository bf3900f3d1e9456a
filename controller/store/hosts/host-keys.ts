import type { Kysely } from 'kysely';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { PublicJwk } from '../../../shared/tokens/index.ts';
import { batchLookups, type Change, type Database } from '../core/index.ts';
import type { HostKeysTable, Schema } from '../schema/index.ts';

/** The keys by which a host is known, and what it was enrolled as. */
export interface EnrolledHost {
  readonly host: string;
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  /** The public nkey with which it logs in at the broker. */
  readonly nkey: string;
  /** Labels it was given; they decide which requests mean it. */
  readonly labels: Readonly<Record<string, string>>;
}

/** An enrolled host, and why it is locked, if it is. */
export interface KnownHost extends EnrolledHost {
  readonly lockReason: string | undefined;
}

/** Who is a host at this moment. */
export interface HostKeyStore {
  /** The keys of `host`; undefined if it is not enrolled, or was removed. */
  find(host: string): Promise<KnownHost | undefined>;
  /** Ends the enrolment of `host`. Throws NOT_FOUND if it is not enrolled. */
  remove(host: string, actor: string): Promise<void>;
}

/**
 * The part of the store about hosts' keys. Keys that have ended stay, so that old results can be verified for
 * ever.
 */
export function hostKeyStoreOn(database: Database): HostKeyStore {
  return {
    find: batchLookups(hosts => database.read(db => activeKeysOf(db, hosts))),
    remove: (host, actor) => database.change(change => remove(change, host, actor)),
  };
}

/** The keys that `host` has now. */
export async function activeKeys(db: Kysely<Schema>, host: string): Promise<EnrolledHost | undefined> {
  const row = await db
    .selectFrom('host_keys')
    .selectAll()
    .where('host', '=', host)
    .where('ended_at_ms', 'is', null)
    .executeTakeFirst();
  return row && enrolledOf(row);
}

async function activeKeysOf(
  db: Kysely<Schema>,
  hosts: readonly string[],
): Promise<ReadonlyMap<string, KnownHost>> {
  const rows = await db
    .selectFrom('host_keys')
    .leftJoin('locks', join =>
      join
        .onRef('locks.name', '=', 'host_keys.host')
        .on('locks.kind', '=', 'host')
        .on('locks.ended_at_ms', 'is', null),
    )
    .selectAll('host_keys')
    .select('locks.reason')
    .where('host', 'in', padded(hosts))
    .where('host_keys.ended_at_ms', 'is', null)
    .execute();
  return new Map(
    rows.map(({ reason, ...row }) => [row.host, { ...enrolledOf(row), lockReason: reason ?? undefined }]),
  );
}

/**
 * As many names as the next power of two, the last one again and again: so there are few texts of statements
 * to keep.
 */
function padded(names: readonly string[]): readonly string[] {
  const size = 2 ** Math.ceil(Math.log2(names.length));
  return [...names, ...new Array<string>(size - names.length).fill(names.at(-1) ?? '')];
}

/** Gives `host` its keys; those it had, if any, end now. */
export async function setKeys(
  { trx, nowMs }: Change,
  host: EnrolledHost,
  enrolmentId: string,
): Promise<void> {
  await endKeys(trx, host.host, nowMs);
  await refuseTakenKeys(trx, host);
  await trx
    .insertInto('host_keys')
    .values({
      host: host.host,
      kid: host.kid,
      public_jwk: JSON.stringify(host.publicJwk),
      nkey: host.nkey,
      labels: JSON.stringify(host.labels),
      enrolment_id: enrolmentId,
      enrolled_at_ms: nowMs,
      ended_at_ms: null,
    })
    .execute();
}

/**
 * Threat: a machine that was copied with its keys, or one machine that is two hosts: one signature would
 * speak for both.
 */
async function refuseTakenKeys(db: Kysely<Schema>, { kid, nkey }: EnrolledHost): Promise<void> {
  // One by one: each has an index of the keys that have not ended, and a query for either would read the
  // whole table.
  const holder = async (column: 'kid' | 'nkey', value: string): Promise<{ host: string } | undefined> =>
    db
      .selectFrom('host_keys')
      .select('host')
      .where('ended_at_ms', 'is', null)
      .where(column, '=', value)
      .executeTakeFirst();
  const other = (await holder('kid', kid)) ?? (await holder('nkey', nkey));
  if (other)
    throw new FarcallError('CONFLICT', `these keys are those of the host ${other.host}; make new ones`);
}

async function remove(change: Change, host: string, actor: string): Promise<void> {
  const keys = await activeKeys(change.trx, host);
  if (!keys)
    throw new FarcallError('NOT_FOUND', `there is no enrolled host ${host}; farcall hosts lists them`);
  await endKeys(change.trx, host, change.nowMs);
  await change.audit({ kind: 'host-removed', actor, host, detail: { kid: keys.kid, nkey: keys.nkey } });
}

async function endKeys(db: Kysely<Schema>, host: string, nowMs: number): Promise<void> {
  await db
    .updateTable('host_keys')
    .set({ ended_at_ms: nowMs })
    .where('host', '=', host)
    .where('ended_at_ms', 'is', null)
    .execute();
}

type KeyColumns = Pick<HostKeysTable, 'host' | 'kid' | 'public_jwk' | 'nkey' | 'labels'>;

function enrolledOf({ host, kid, public_jwk, nkey, labels }: KeyColumns): EnrolledHost {
  return { host, kid, publicJwk: JSON.parse(public_jwk), nkey, labels: JSON.parse(labels) };
}
