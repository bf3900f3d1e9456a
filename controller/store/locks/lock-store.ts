import { type Kysely, sql } from 'kysely';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { LockKind } from '../../../shared/messages/index.ts';
import { auditDigest, type Change, type Database, type PlainTransaction } from '../core/index.ts';
import { activeKeys, type MacReader } from '../hosts/index.ts';
import type { LocksTable, Schema } from '../schema/index.ts';

/** What a lock is on: a host, or a person or controller of the trust bundle. */
export interface Locked {
  readonly kind: LockKind;
  readonly name: string;
}

/** A lock that stands. */
export interface LockRecord extends Locked {
  /** Ids of the keys that do not count; empty for a host, whose name is locked. */
  readonly kids: readonly string[];
  readonly reason: string;
  readonly lockedBy: string;
  readonly lockedAtMs: number;
  /** By which it was set. */
  readonly token: string;
}

/** The token of somebody who sets or ends a lock, which was verified. */
export interface LockProof {
  readonly token: string;
  /** Who handed it in. */
  readonly submittedBy: string;
  /** Version of the trust bundle by which it was verified. */
  readonly trustVersion: number;
}

/** A lock to set. */
export interface NewLock extends Omit<LockRecord, 'lockedAtMs' | 'token'> {
  readonly proof: LockProof;
}

/** Somebody ends a lock, and why. */
export interface LockEnd {
  /** The token by which it was set. */
  readonly token: string;
  readonly reason: string;
  readonly endedBy: string;
  readonly proof: LockProof;
}

/** Locks, and the logins that the broker must refuse because of them. */
export interface LockStore {
  /** The locks that stand, the oldest first. */
  standing(): Promise<readonly LockRecord[]>;
  /**
   * Throws CONFLICT if there is such a lock already or the token was used before, and NOT_FOUND if it is on a
   * host that is not enrolled.
   */
  set(lock: NewLock): Promise<LockRecord>;
  /** Returns the lock that ends. Throws NOT_FOUND if it has ended. */
  end(end: LockEnd): Promise<LockRecord>;
  /** Remembers the public nkey with which a controller logs in at the broker. */
  rememberLogin(controller: string, nkey: string): Promise<void>;
  /**
   * The logins that the broker must refuse, each with the moment (seconds since the epoch) up to which
   * credentials for it do not count: those of hosts whose keys ended after `endedAfterMs`, of locked hosts,
   * and of locked controllers.
   */
  revokedLogins(endedAfterMs: number): Promise<ReadonlyMap<string, number>>;
}

/** Later than any credential that is issued. */
const ANY_TIME_S = 253_402_300_799;

/** The part of the store about locks. */
export function lockStoreOn(database: Database): LockStore {
  return {
    standing: () => database.read(async db => (await standing(db).execute()).map(recordOf)),
    set: lock => database.change(change => set(change, lock)),
    end: wish => database.change(change => end(change, wish)),
    rememberLogin: (controller, nkey) =>
      database.transact(transaction => rememberLogin(transaction, controller, nkey)),
    revokedLogins: endedAfterMs =>
      database.read(db => revokedLogins({ trx: db, macs: database.macs }, endedAfterMs)),
  };
}

type Reader = Kysely<Schema>;

function standing(db: Reader) {
  return db
    .selectFrom('locks')
    .selectAll()
    .where('ended_at_ms', 'is', null)
    .orderBy('locked_at_ms')
    .orderBy('kind')
    .orderBy('name');
}

async function find(db: Reader, { kind, name }: Locked): Promise<LocksTable | undefined> {
  return standing(db).where('kind', '=', kind).where('name', '=', name).executeTakeFirst();
}

/** Threat: somebody hands in a token once more, after the lock has ended, and its author set one lock. */
async function refuseUsed({ trx }: Change, token: string): Promise<void> {
  const used = await trx
    .selectFrom('locks')
    .select('locked_by')
    .where('token', '=', token)
    .executeTakeFirst();
  if (used) throw new FarcallError('CONFLICT', `this signature of ${used.locked_by} has set a lock before`);
}

async function set(
  change: Change,
  { kind, name, kids, reason, lockedBy, proof }: NewLock,
): Promise<LockRecord> {
  const { trx, nowMs } = change;
  const { token, submittedBy, trustVersion: trust } = proof;
  const before = await find(trx, { kind, name });
  if (before)
    throw new FarcallError('CONFLICT', `the ${kind} ${name} is locked already, by ${before.locked_by}`);
  if (kind === 'host' && !(await activeKeys(change, name)))
    throw new FarcallError('NOT_FOUND', `there is no enrolled host ${name}; farcall hosts lists them`);
  await refuseUsed(change, token);
  const row: LocksTable = {
    ...{ kind, name, kids: JSON.stringify(kids), reason },
    ...{
      locked_by: lockedBy,
      locked_at_ms: nowMs,
      token,
      ended_by: null,
      ended_at_ms: null,
      end_token: null,
    },
  };
  await trx.insertInto('locks').values(row).execute();
  const what = { what: kind, name, kids: [...kids], reason };
  const detail = { ...what, submittedBy, token: auditDigest(token), trust };
  await change.audit({ kind: 'lock-set', actor: lockedBy, detail });
  return recordOf(row);
}

async function end(change: Change, { token, reason, endedBy, proof }: LockEnd): Promise<LockRecord> {
  const { trx, nowMs } = change;
  const { submittedBy, trustVersion: trust } = proof;
  const row = await standing(trx).where('token', '=', token).executeTakeFirst();
  if (!row) throw new FarcallError('NOT_FOUND', 'this lock has ended; farcall locks lists those that stand');
  const { kind, name } = row;
  await trx
    .updateTable('locks')
    .set({ ended_by: endedBy, ended_at_ms: nowMs, end_token: proof.token })
    .where('token', '=', token)
    .execute();
  const detail = { what: kind, name, reason, submittedBy, token: auditDigest(proof.token), trust };
  await change.audit({ kind: 'lock-ended', actor: endedBy, detail });
  return recordOf(row);
}

async function rememberLogin(
  { trx, macs, nowMs }: PlainTransaction,
  controller: string,
  nkey: string,
): Promise<void> {
  const row = macs.sign('controller_logins', { controller, nkey, first_seen_ms: nowMs });
  await macs.edit(trx, 'controller_logins', async edit => {
    const stored = await trx
      .selectFrom('controller_logins')
      .selectAll()
      .where('controller', '=', controller)
      .where('nkey', '=', nkey)
      .executeTakeFirst();
    if (macs.genuineRow('controller_logins', stored)) return;
    await trx
      .insertInto('controller_logins')
      .values(row)
      .onConflict(conflict => conflict.columns(['controller', 'nkey']).doUpdateSet(row))
      .execute();
    edit.added(row);
  });
}

/**
 * Threat: somebody who can write to the database says that a login is that of a locked controller, so that
 * the broker refuses it. A login without a valid MAC is no controller's.
 */
async function revokedLogins(
  { trx: db, macs }: MacReader,
  endedAfterMs: number,
): Promise<ReadonlyMap<string, number>> {
  const ended = await db
    .selectFrom('host_keys as gone')
    .select(['gone.nkey', 'gone.ended_at_ms'])
    .where('gone.ended_at_ms', '>', endedAfterMs)
    // A machine that was enrolled again may have kept its nkey.
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('host_keys as active')
            .select(sql<number>`1`.as('one'))
            .whereRef('active.nkey', '=', 'gone.nkey')
            .where('active.ended_at_ms', 'is', null),
        ),
      ),
    )
    .execute();
  const ofHosts = await db
    .selectFrom('locks')
    .innerJoin('host_keys', 'host_keys.host', 'locks.name')
    .select('nkey')
    .where('locks.kind', '=', 'host')
    .where('locks.ended_at_ms', 'is', null)
    .where('host_keys.ended_at_ms', 'is', null)
    .execute();
  const ofControllers = await db
    .selectFrom('locks')
    .innerJoin('controller_logins', 'controller_logins.controller', 'locks.name')
    .selectAll('controller_logins')
    .where('locks.kind', '=', 'controller')
    .where('locks.ended_at_ms', 'is', null)
    .execute();
  const genuine = macs.genuine('controller_logins', ofControllers);
  return new Map([
    ...ended.map(({ nkey, ended_at_ms }) => [nkey, Math.floor(Number(ended_at_ms) / 1000) + 1] as const),
    ...[...ofHosts, ...genuine].map(({ nkey }) => [nkey, ANY_TIME_S] as const),
  ]);
}

function recordOf({ kind, name, kids, reason, locked_by, locked_at_ms, token }: LocksTable): LockRecord {
  const by = { lockedBy: locked_by, lockedAtMs: locked_at_ms, token };
  return { kind, name, kids: JSON.parse(kids), reason, ...by };
}
