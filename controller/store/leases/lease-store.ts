import { FarcallError } from '../../../shared/errors/index.ts';
import type { Change, Database, PlainTransaction, Unsigned } from '../core/index.ts';
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

/**
 * The part of the store about leases. In an exclusive store, a lease that this process did not take is free:
 * its holder is no longer running.
 *
 * Threat: somebody who can write to the database gives a controller that has lost a lease that lease again.
 * A lease without a valid MAC is nobody's.
 */
export function leaseStoreOn(database: Database): LeaseStore {
  const takenHere = new Set<string>();
  const isFreeHere = (transaction: PlainTransaction, options: LeaseOptions): Promise<boolean> =>
    isFree(transaction, options, database.isExclusive && !takenHere.has(options.name));
  return {
    async acquire(options) {
      // Looked at first without a turn among the changes: most of the time somebody holds it.
      if (!(await database.transact(transaction => isFreeHere(transaction, options)))) return undefined;
      const taken = await database.change(async change =>
        (await isFreeHere(change, options)) ? acquire(change, options) : undefined,
      );
      if (taken) takenHere.add(options.name);
      return taken;
    },
    renew: ({ ttlMs, ...lease }) =>
      database.transact(async transaction => {
        const expires_at_ms = (await transaction.sharedNowMs()) + ttlMs;
        return replace(transaction, lease, held => ({ ...held, expires_at_ms }));
      }),
    release: lease =>
      database.transact(async transaction => {
        await replace(transaction, lease, held => ({ ...held, holder: '', expires_at_ms: 0 }));
      }),
  };
}

/**
 * Throws LEASE_LOST if `lease` was given back or is not the newest of its name. Until this transaction ends,
 * no other holder can take it. A lease that expired and that no other holder took is still valid.
 */
export async function requireLease(
  transaction: Pick<Change, 'trx' | 'macs'>,
  { name, epoch }: HeldLease,
): Promise<void> {
  const row = transaction.macs.genuineRow('leases', await leaseRow(transaction, name));
  if (row?.epoch === epoch && row.holder !== '') return;
  throw new FarcallError(
    'LEASE_LOST',
    `the lease ${name} was lost: its epoch is ${row?.epoch ?? 'unknown'}, not ${epoch}`,
  );
}

function leaseRow({ trx }: Pick<Change, 'trx'>, name: string): Promise<LeasesTable | undefined> {
  return trx.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst();
}

/** Changes a lease that is held; false if it is not, or is another's by now. */
async function replace(
  { trx, macs }: PlainTransaction,
  { name, epoch }: HeldLease,
  change: (held: Unsigned<LeasesTable>) => Unsigned<LeasesTable>,
): Promise<boolean> {
  return macs.edit(trx, 'leases', async edit => {
    const before = macs.genuineRow('leases', await leaseRow({ trx }, name));
    if (before?.epoch !== epoch || before.holder === '') return false;
    const { mac: _mac, ...held } = before;
    const after = macs.sign('leases', change(held));
    await trx.updateTable('leases').set(after).where('name', '=', name).execute();
    edit.removed(before);
    edit.added(after);
    return true;
  });
}

async function isFree(
  transaction: PlainTransaction,
  { name, holder }: LeaseOptions,
  isLeftOver: boolean,
): Promise<boolean> {
  if (isLeftOver) return true;
  const lease = transaction.macs.genuineRow('leases', await leaseRow(transaction, name));
  return !lease || lease.holder === holder || lease.expires_at_ms <= (await transaction.sharedNowMs());
}

async function acquire(change: Change, options: LeaseOptions): Promise<{ readonly epoch: number }> {
  const { trx, macs } = change;
  const { name, holder, ttlMs } = options;
  const expires_at_ms = (await change.sharedNowMs()) + ttlMs;
  const epoch = await macs.edit(trx, 'leases', async edit => {
    const stored = await leaseRow(change, name);
    const before = macs.genuineRow('leases', stored);
    const row = macs.sign('leases', {
      name,
      epoch: nextEpoch(change, stored, before),
      holder,
      expires_at_ms,
    });
    await trx
      .insertInto('leases')
      .values(row)
      .onConflict(conflict => conflict.column('name').doUpdateSet(row))
      .execute();
    if (before) edit.removed(before);
    edit.added(row);
    return row.epoch;
  });
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

/**
 * One more than before. The epoch of a forged lease says nothing; the time is greater than any that was
 * counted.
 */
function nextEpoch({ nowMs }: Change, stored?: LeasesTable, genuine?: LeasesTable): number {
  if (genuine) return genuine.epoch + 1;
  return stored ? nowMs : 1;
}
