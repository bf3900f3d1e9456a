import type { Database } from '../core/index.ts';

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
  return {
    list: () =>
      database.read(async db => {
        const columns = [
          'release',
          'version',
          'arch',
          'digest',
          'functions',
          'host',
          'fetched_at_ms',
        ] as const;
        const rows = await db
          .selectFrom('kernel_types')
          .select(columns)
          .orderBy('release')
          .orderBy('version')
          .execute();
        return rows.map(({ fetched_at_ms, ...row }) => ({ ...row, fetchedAtMs: fetched_at_ms }));
      }),
    packed: build =>
      database.read(async db => {
        const row = await db
          .selectFrom('kernel_types')
          .select('packed')
          .where('release', '=', build.release)
          .where('version', '=', build.version)
          .where('arch', '=', build.arch)
          .executeTakeFirst();
        return row?.packed;
      }),
    keep: types =>
      database.transact(async ({ trx, nowMs }) => {
        const row = { ...types, fetched_at_ms: nowMs };
        const { release: _release, version: _version, arch: _arch, ...replaced } = row;
        await trx
          .insertInto('kernel_types')
          .values(row)
          .onConflict(conflict => conflict.columns(['release', 'version', 'arch']).doUpdateSet(replaced))
          .execute();
      }),
    drop: build =>
      database.transact(async ({ trx }) => {
        await trx
          .deleteFrom('kernel_types')
          .where('release', '=', build.release)
          .where('version', '=', build.version)
          .where('arch', '=', build.arch)
          .execute();
      }),
  };
}
