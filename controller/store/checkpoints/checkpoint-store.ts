import type { Change, Database } from '../core/index.ts';

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
  const { macs } = database;
  return {
    storeId: () =>
      database.read(async db => {
        const { id } = await db.selectFrom('store_identity').select('id').executeTakeFirstOrThrow();
        return id;
      }),
    newest: () =>
      database.read(async db => {
        const rows = await db.selectFrom('checkpoints').selectAll().orderBy('seq', 'desc').execute();
        const [newest] = macs.genuine('checkpoints', rows);
        return newest && { seq: newest.seq, token: newest.token };
      }),
    add: checkpoint => database.change(change => add(change, checkpoint)),
  };
}

async function add({ trx, macs }: Change, { seq, token }: StoredCheckpoint): Promise<void> {
  const row = macs.sign('checkpoints', { seq, token });
  await macs.edit(trx, 'checkpoints', async edit => {
    const inserted = await trx
      .insertInto('checkpoints')
      .values(row)
      .onConflict(conflict => conflict.column('seq').doNothing())
      .returning('seq')
      .executeTakeFirst();
    if (inserted) edit.added(row);
    const oldest = await trx
      .selectFrom('checkpoints')
      .select('seq')
      .orderBy('seq', 'desc')
      .offset(KEPT - 1)
      .limit(1)
      .executeTakeFirst();
    if (!oldest) return;
    const old = trx.deleteFrom('checkpoints').where('seq', '<', oldest.seq);
    edit.removed(...(await old.returningAll().execute()));
  });
}
