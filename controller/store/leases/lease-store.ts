import { FarcallError } from '../../../shared/errors/index.ts';
import type { Change, Database, PlainTransaction } from '../core/index.ts';
import type { LeasesTable } from '../schema/index.ts';

/** Who wants a lease, and for how long at first. */
export interface LeaseOptions {
  readonly name: string;
  /** Names one run of one controller: another run of it is another holder. */
  readonly holder: string;
  readonly ttlMs: number;
}

/** A lease that was acquired; the next one of the same name has a greater epoch. */
export interface HeldLease {
  readonly name: string;
  readonly epoch: number;
}

/**
 * Leases: the right to do what only one controller may do at a time. A lease expires unless it is renewed, by
 * the clock of the database (with SQLite, of the process). Its holder cannot know in time that it expired, so
 * what it writes must be fenced by {@link requireLease} in the same transaction.
 */
export interface LeaseStore {
  /** Takes the lease; undefined if another holder has it. The holder itself gets it again, in a new epoch. */
  acquire(options: LeaseOptions): Promise<{ readonly epoch: number } | undefined>;
  /**
   * Renews it for `ttlMs`; false if it was lost. A lease that expired and that no other holder took is
   * renewed.
   */
  renew(lease: HeldLease & { readonly ttlMs: number }): Promise<boolean>;
  /** Gives it back, so that others need not wait until it expires; does nothing if it was lost. */
  release(lease: HeldLease): Promise<void>;
}

const ROLLOUT = 'rollout ';

/**
 * Name of the lease of the controller that drives the rollout of a request. The audit log records who took
 * it.
 */
export function rolloutLease(requestId: string): string {
  return `${ROLLOUT}${requestId}`;
}

/** The part of the store about leases. */
export function leaseStoreOn(database: Database): LeaseStore {
  return {
    async acquire(options) {
      // Looked at first without a turn among the changes: most of the time somebody holds it.
      const free = await database.transact(async transaction => isFree(transaction, options));
      return free ? database.change(change => acquire(change, options)) : undefined;
    },
    renew: ({ name, epoch, ttlMs }) =>
      database.transact(async transaction => {
        const expires_at_ms = (await transaction.sharedNowMs()) + ttlMs;
        const update = transaction.trx.updateTable('leases').set({ expires_at_ms });
        const { numUpdatedRows } = await update
          .where('name', '=', name)
          .where('epoch', '=', epoch)
          .where('holder', '!=', '')
          .executeTakeFirstOrThrow();
        return numUpdatedRows > 0n;
      }),
    release: ({ name, epoch }) =>
      database.transact(async ({ trx }) => {
        const update = trx.updateTable('leases').set({ holder: '', expires_at_ms: 0 });
        await update.where('name', '=', name).where('epoch', '=', epoch).execute();
      }),
  };
}

/**
 * Throws LEASE_LOST if `lease` was given back or is not the newest of its name. Until this transaction ends,
 * no other holder can take it. A lease that expired and that no other holder took is still valid.
 */
export async function requireLease({ trx }: Pick<Change, 'trx'>, { name, epoch }: HeldLease): Promise<void> {
  const row = await trx
    .selectFrom('leases')
    .select(['epoch', 'holder'])
    .where('name', '=', name)
    .executeTakeFirst();
  if (row?.epoch === epoch && row.holder !== '') return;
  throw new FarcallError(
    'LEASE_LOST',
    `the lease ${name} was lost: its epoch is ${row?.epoch ?? 'unknown'}, not ${epoch}`,
  );
}

function leaseOf({ trx }: PlainTransaction, name: string): Promise<LeasesTable | undefined> {
  return trx.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst();
}

async function isFree(transaction: PlainTransaction, { name, holder }: LeaseOptions): Promise<boolean> {
  const lease = await leaseOf(transaction, name);
  return !lease || lease.holder === holder || lease.expires_at_ms <= (await transaction.sharedNowMs());
}

async function acquire(
  change: Change,
  options: LeaseOptions,
): Promise<{ readonly epoch: number } | undefined> {
  if (!(await isFree(change, options))) return undefined;
  const { name, holder, ttlMs } = options;
  const epoch = ((await leaseOf(change, name))?.epoch ?? 0) + 1;
  const expires_at_ms = (await change.sharedNowMs()) + ttlMs;
  await change.trx
    .insertInto('leases')
    .values({ name, epoch, holder, expires_at_ms })
    .onConflict(conflict => conflict.column('name').doUpdateSet({ epoch, holder, expires_at_ms }))
    .execute();
  if (!name.startsWith(ROLLOUT)) return { epoch };
  const requestId = name.slice(ROLLOUT.length);
  await change.audit({
    kind: 'lease-taken',
    actor: 'controller',
    requestId,
    detail: { lease: name, holder, epoch },
  });
  return { epoch };
}
