import type { Kysely } from 'kysely';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { PublicJwk } from '../../../shared/tokens/index.ts';
import { batchLookups, type Change, type Database, type MacTables } from '../core/index.ts';
import type { HostKeysTable, Schema } from '../schema/index.ts';
import { hostLockReasons } from './standing-locks.ts';

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
}

/**
 * The part of the store about hosts' keys. Keys that have ended stay, so that old results can be verified for
 * ever.
 */
export function hostKeyStoreOn(database: Database): HostKeyStore {
  return {
    find: batchLookups(hosts => database.read(db => activeKeysOf({ trx: db, macs: database.macs }, hosts))),
  };
}

/** Reads rows, and says which of them are genuine. */
export interface MacReader {
  readonly trx: Kysely<Schema>;
  readonly macs: MacTables;
}

/**
 * The keys that `host` has now.
 *
 * Threat: somebody who can write to the database makes a machine of their own a host, or another host. A key
 * without a valid MAC is nobody's.
 */
export async function activeKeys(reader: MacReader, host: string): Promise<EnrolledHost | undefined> {
  const row = await activeRow(reader, host);
  return row && enrolledOf(row);
}

async function activeKeysOf(
  { trx, macs }: MacReader,
  hosts: readonly string[],
): Promise<ReadonlyMap<string, KnownHost>> {
  const rows = await trx
    .selectFrom('host_keys')
    .selectAll()
    .where('host', 'in', padded(hosts))
    .where('ended_at_ms', 'is', null)
    .execute();
  const lockReasons = await hostLockReasons({ trx, macs }, padded(hosts));
  return new Map(
    macs
      .genuine('host_keys', rows)
      .map(row => [row.host, { ...enrolledOf(row), lockReason: lockReasons.get(row.host) }]),
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

/** Gives `host` its keys by an enrolment that was redeemed; those it had, if any, end now. */
export async function setKeys(
  change: Change,
  host: EnrolledHost,
  enrolment: { readonly id: string; readonly redemption: Uint8Array },
): Promise<void> {
  const { trx, macs, nowMs } = change;
  await endKeys(change, host.host);
  await refuseTakenKeys(trx, host);
  const row = macs.sign('host_keys', {
    host: host.host,
    kid: host.kid,
    public_jwk: JSON.stringify(host.publicJwk),
    nkey: host.nkey,
    labels: JSON.stringify(host.labels),
    labels_number: 0,
    enrolment_id: enrolment.id,
    enrolled_at_ms: nowMs,
    ended_at_ms: null,
    redemption: enrolment.redemption,
  });
  await macs.edit(trx, 'host_keys', async edit => {
    await trx.insertInto('host_keys').values(row).execute();
    edit.added(row);
  });
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

/** Ends the keys of `host`. A forged row ends too, so that it is in nobody's way; its MAC stays wrong. */
export async function endKeys({ trx, macs, nowMs }: Change, host: string): Promise<void> {
  await macs.edit(trx, 'host_keys', async edit => {
    const open = await trx
      .selectFrom('host_keys')
      .selectAll()
      .where('host', '=', host)
      .where('ended_at_ms', 'is', null)
      .execute();
    for (const stored of open) {
      const before = macs.genuineRow('host_keys', stored);
      const { mac, ...rest } = { ...stored, ended_at_ms: nowMs };
      const after = before ? macs.sign('host_keys', rest) : { ...rest, mac };
      const update = trx.updateTable('host_keys').set(after);
      await update.where('enrolment_id', '=', stored.enrolment_id).execute();
      if (!before) continue;
      edit.removed(before);
      edit.added(after);
    }
  });
}

/** Gives `host` other labels, as the next change of them. */
export async function setLabels({ trx, macs }: Change, before: HostKeysTable, labels: string): Promise<void> {
  await macs.edit(trx, 'host_keys', async edit => {
    const { mac: _, ...rest } = before;
    const after = macs.sign('host_keys', { ...rest, labels, labels_number: before.labels_number + 1 });
    const update = trx.updateTable('host_keys').set(after);
    await update.where('enrolment_id', '=', before.enrolment_id).execute();
    edit.removed(before);
    edit.added(after);
  });
}

/** The whole row of the keys that `host` has now. */
export async function activeRow({ trx, macs }: MacReader, host: string): Promise<HostKeysTable | undefined> {
  const stored = await trx
    .selectFrom('host_keys')
    .selectAll()
    .where('host', '=', host)
    .where('ended_at_ms', 'is', null)
    .executeTakeFirst();
  return macs.genuineRow('host_keys', stored);
}

type KeyColumns = Pick<HostKeysTable, 'host' | 'kid' | 'public_jwk' | 'nkey' | 'labels'>;

function enrolledOf({ host, kid, public_jwk, nkey, labels }: KeyColumns): EnrolledHost {
  return { host, kid, publicJwk: JSON.parse(public_jwk), nkey, labels: JSON.parse(labels) };
}
