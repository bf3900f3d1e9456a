import type { Database } from '../core/index.ts';

/** A checkpoint as the store keeps it. */
export interface StoredCheckpoint {
  /** Number of the audit entry that it is about. */
  readonly seq: number;
  /** farcall-checkpoint+jwt, compact. */
  readonly token: string;
}

/**
 * The newest checkpoints that this store's controllers have signed, and the id of the store that they name.
 */
export interface CheckpointStore {
  storeId(): Promise<string>;
  newest(): Promise<StoredCheckpoint | undefined>;
  /** Keeps `checkpoint`, and of the older ones only a few: the newest one covers everything before it. */
  add(checkpoint: StoredCheckpoint): Promise<void>;
}

/** Checkpoints that are kept. */
const KEPT = 64;

/** The part of the store about checkpoints. */
export function checkpointStoreOn(database: Database): CheckpointStore {
  return {
    storeId: () =>
      database.read(async db => {
        const { id } = await db.selectFrom('store_identity').select('id').executeTakeFirstOrThrow();
        return id;
      }),
    newest: () =>
      database.read(db =>
        db.selectFrom('checkpoints').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst(),
      ),
    add: ({ seq, token }) =>
      database.change(async ({ trx }) => {
        await trx
          .insertInto('checkpoints')
          .values({ seq, token })
          .onConflict(conflict => conflict.column('seq').doNothing())
          .execute();
        const oldest = await trx
          .selectFrom('checkpoints')
          .select('seq')
          .orderBy('seq', 'desc')
          .offset(KEPT - 1)
          .limit(1)
          .executeTakeFirst();
        if (oldest) await trx.deleteFrom('checkpoints').where('seq', '<', oldest.seq).execute();
      }),
  };
}
