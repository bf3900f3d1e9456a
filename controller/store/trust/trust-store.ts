import { FarcallError } from '../../../shared/errors/index.ts';
import type { SignedBundle } from '../../../shared/messages/index.ts';
import { isVerifiedBundle, type VerifiedBundle } from '../../../shared/trust/index.ts';
import type { Change, Database } from '../core/index.ts';
import type { TrustBundlesTable } from '../schema/index.ts';

/** Every trust bundle that the controller ever accepted. */
export interface TrustStore {
  /** Stores a bundle; `changesRoots` where it has other roots than the one before. Throws TRUST_OLDER. */
  add(bundle: VerifiedBundle, changesRoots: boolean): Promise<void>;
  /** The newest, as it was accepted. */
  newest(): Promise<SignedBundle | undefined>;
  /** Its version; 0 if there is none. */
  newestVersion(): Promise<number>;
  /**
   * What leads from `afterVersion` to the newest: the bundles that changed roots, and the newest; ascending.
   */
  path(afterVersion: number, limit: number): Promise<readonly StoredBundle[]>;
}

/** A bundle and its version. */
export interface StoredBundle {
  readonly version: number;
  readonly signed: SignedBundle;
}

/** The part of the store about trust. */
export function trustStoreOn(database: Database): TrustStore {
  return {
    add: (bundle, changesRoots) => database.change(change => add(change, bundle, changesRoots)),
    newest: () =>
      database.read(async db => {
        const row = await db
          .selectFrom('trust_bundles')
          .selectAll()
          .orderBy('version', 'desc')
          .limit(1)
          .executeTakeFirst();
        return row && storedOf(row).signed;
      }),
    newestVersion: () =>
      database.read(async db => {
        const query = db.selectFrom('trust_bundles').select(({ fn }) => fn.max('version').as('newest'));
        return (await query.executeTakeFirst())?.newest ?? 0;
      }),
    path: (afterVersion, limit) =>
      database.read(async db => {
        const rows = await db
          .selectFrom('trust_bundles')
          .selectAll()
          .where('version', '>', afterVersion)
          .where(({ eb, or, selectFrom }) =>
            or([
              eb('changes_roots', '=', 1),
              eb(
                'version',
                '=',
                selectFrom('trust_bundles').select(({ fn }) => fn.max('version').as('newest')),
              ),
            ]),
          )
          .orderBy('version')
          .limit(limit)
          .execute();
        return rows.map(storedOf);
      }),
  };
}

async function add(
  { trx, nowMs, audit }: Change,
  verified: VerifiedBundle,
  changesRoots: boolean,
): Promise<void> {
  if (!isVerifiedBundle(verified))
    throw new FarcallError('INTERNAL', 'a trust bundle reached the store unverified');
  const { bundle, signed, digest, signers } = verified;
  const { version } = bundle;
  const stored = await trx
    .selectFrom('trust_bundles')
    .select('version')
    .where('version', '>=', version)
    .limit(1)
    .executeTakeFirst();
  if (stored) throw new FarcallError('TRUST_OLDER', `trust bundle ${stored.version} is in the store already`);
  await trx
    .insertInto('trust_bundles')
    .values({
      version,
      digest,
      bundle: signed.bundle,
      signatures: JSON.stringify(signed.signatures),
      changes_roots: changesRoots ? 1 : 0,
      accepted_at_ms: nowMs,
    })
    .execute();
  const detail = { version, digest: Buffer.from(digest).toString('hex'), signers: [...signers] };
  await audit({ kind: 'trust-accepted', actor: 'roots', detail });
}

function storedOf({ version, bundle, signatures }: TrustBundlesTable): StoredBundle {
  return { version, signed: { bundle, signatures: JSON.parse(signatures) as string[] } };
}
