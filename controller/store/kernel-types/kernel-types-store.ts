import type { Kysely } from 'kysely';
import { BytesDigest, type Database, type MacTables, type PlainTransaction } from '../core/index.ts';
import type { KernelTypesTable, Schema } from '../schema/index.ts';

/** A kernel build, as `uname` tells it: -r, -v and -m. */
export interface KernelBuild {
  readonly release: string;
  readonly version: string;
  readonly arch: string;
}

/** What is known of a kernel build, but for the types themselves. */
export interface KernelTypesRecord extends KernelBuild {
  /** SHA-256 of the packed types. */
  readonly digest: Uint8Array;
  /** How many functions they know. */
  readonly functions: number;
  /** Which host reported them. */
  readonly host: string;
  readonly fetchedAtMs: number;
}

/** Types of a kernel build, as a host reported them and after they were verified. */
export interface NewKernelTypes extends Omit<KernelTypesRecord, 'fetchedAtMs'> {
  readonly packed: Uint8Array;
}

/**
 * Types of kernels. They are not recorded in the audit log: nothing that runs depends on them, hosts send
 * them again when they are lost, and each answer names the host that reported them.
 */
export interface KernelTypesStore {
  /** All that are known. */
  list(): Promise<readonly KernelTypesRecord[]>;
  /** The packed types; undefined if there are none. */
  packed(build: KernelBuild): Promise<Uint8Array | undefined>;
  /** Keeps types in the place of those that are there. */
  keep(types: NewKernelTypes): Promise<void>;
  drop(build: KernelBuild): Promise<void>;
}

/** The part of the store about types of kernels. */
export function kernelTypesStoreOn(database: Database): KernelTypesStore {
  const { macs } = database;
  return {
    list: () => database.read(db => list(db, macs)),
    packed: build =>
      database.read(async db => {
        const row = macs.genuineRow('kernel_types', await typesRow(db, build));
        return row?.packed;
      }),
    keep: types => database.transact(transaction => keep(transaction, types)),
    drop: build =>
      database.transact(({ trx }) =>
        macs.edit(trx, 'kernel_types', async edit => edit.removed(...(await removeTypes(trx, build)))),
      ),
  };
}

/** Without their types, which take megabytes: `packed` is held to the digest when it is read. */
async function list(db: Kysely<Schema>, macs: MacTables): Promise<readonly KernelTypesRecord[]> {
  const rows = await db
    .selectFrom('kernel_types')
    .select(['release', 'version', 'arch', 'digest', 'functions', 'host', 'fetched_at_ms', 'mac'])
    .orderBy('release')
    .orderBy('version')
    .execute();
  const light = rows.map(row => ({ ...row, packed: new BytesDigest(row.digest) }));
  return macs
    .genuine('kernel_types', light as unknown as KernelTypesTable[])
    .map(({ packed: _packed, mac: _mac, fetched_at_ms, ...row }) => ({ ...row, fetchedAtMs: fetched_at_ms }));
}

function typesRow(db: Kysely<Schema>, build: KernelBuild): Promise<KernelTypesTable | undefined> {
  return db
    .selectFrom('kernel_types')
    .selectAll()
    .where('release', '=', build.release)
    .where('version', '=', build.version)
    .where('arch', '=', build.arch)
    .executeTakeFirst();
}

async function keep({ trx, macs, nowMs }: PlainTransaction, types: NewKernelTypes): Promise<void> {
  const { release, version, arch, digest, packed, functions, host } = types;
  const columns = { release, version, arch, digest, packed, functions, host, fetched_at_ms: nowMs };
  const row = macs.sign('kernel_types', columns);
  await macs.edit(trx, 'kernel_types', async edit => {
    edit.removed(...(await removeTypes(trx, types)));
    await trx.insertInto('kernel_types').values(row).execute();
    edit.added(row);
  });
}

function removeTypes(trx: Kysely<Schema>, build: KernelBuild): Promise<readonly KernelTypesTable[]> {
  return trx
    .deleteFrom('kernel_types')
    .where('release', '=', build.release)
    .where('version', '=', build.version)
    .where('arch', '=', build.arch)
    .returningAll()
    .execute();
}
