import { FarcallError } from '../../../shared/errors/index.ts';
import type { LockKind } from '../../../shared/messages/index.ts';
import { auditDigest, type Change, type Database } from '../core/index.ts';
import { activeKeys, judgeLocks, type MacReader } from '../hosts/index.ts';
import type { LocksTable } from '../schema/index.ts';
import { detailOf } from './detail-of.ts';
import { freeLogins, rememberLogin, revokedLogins } from './logins.ts';

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
  readonly lock: LockRecord;
  readonly reason: string;
  readonly endedBy: string;
  readonly proof: LockProof;
}

/** What the store holds about locks. */
export interface StoredLocks {
  /** The locks that stand by genuine rows, the oldest first. */
  readonly standing: readonly LockRecord[];
  /** The tokens of locks that have ended by genuine rows. */
  readonly ended: ReadonlySet<string>;
  /**
   * What the audit log says of locks without a genuine row; looked for only if rows of the table came or went
   * that no controller wrote or removed. Whether a person signed them is for the caller to see.
   */
  readonly lost: readonly LockRecord[];
}

/** Locks, and the logins that the broker must refuse because of them. */
export interface LockStore {
  read(): Promise<StoredLocks>;
  /**
   * Throws CONFLICT if there is such a lock already or the token was used before, and NOT_FOUND if it is on a
   * host that is not enrolled.
   */
  set(lock: NewLock): Promise<LockRecord>;
  /** Ends a lock, whose row may be lost. Throws NOT_FOUND if it has ended. */
  end(end: LockEnd): Promise<void>;
  /** Remembers the public nkey with which a controller logs in at the broker. */
  rememberLogin(controller: string, nkey: string): Promise<void>;
  /**
   * The logins that the broker must refuse, each with the moment (seconds since the epoch) up to which
   * credentials for it do not count: those of hosts whose keys ended after `endedAfterMs`, and of the hosts
   * and controllers in `locked`.
   */
  revokedLogins(endedAfterMs: number, locked: readonly Locked[]): Promise<ReadonlyMap<string, number>>;
  /** Those of `nkeys` that are logins of hosts and controllers of now which are not in `locked`. */
  freeLogins(nkeys: readonly string[], locked: readonly Locked[]): Promise<ReadonlySet<string>>;
}

/** The part of the store about locks. */
export function lockStoreOn(database: Database): LockStore {
  return {
    read: () => database.read(db => readLocks({ trx: db, macs: database.macs })),
    set: lock => database.change(change => set(change, lock)),
    end: wish => database.change(change => end(change, wish)),
    rememberLogin: (controller, nkey) =>
      database.transact(transaction => rememberLogin(transaction, controller, nkey)),
    revokedLogins: (endedAfterMs, locked) =>
      database.read(db => revokedLogins({ trx: db, macs: database.macs }, endedAfterMs, locked)),
    freeLogins: (nkeys, locked) =>
      database.read(db => freeLogins({ trx: db, macs: database.macs }, nkeys, locked)),
  };
}

/**
 * Threat: somebody who can write to the database removes the row of a lock, or makes it unreadable. The MAC
 * of the table does not fit then, and the audit log, which has the token of each lock, is asked.
 */
async function readLocks({ trx, macs }: MacReader): Promise<StoredLocks> {
  const rows = await trx
    .selectFrom('locks')
    .selectAll()
    .orderBy('locked_at_ms')
    .orderBy('kind')
    .orderBy('name')
    .execute();
  const { standing, ended } = judgeLocks(macs, rows);
  const known = new Set([...standing, ...ended].map(({ token }) => token));
  const isWhole = await macs.isWhole(trx, 'locks', rows);
  return {
    standing: standing.map(recordOf),
    ended: new Set(ended.map(({ token }) => token)),
    lost: isWhole ? [] : (await loggedLocks(trx)).filter(({ token }) => !known.has(token)),
  };
}

async function loggedLocks(db: MacReader['trx']): Promise<LockRecord[]> {
  const entries = await db
    .selectFrom('audit')
    .select(['actor', 'at_ms', 'detail'])
    .where('kind', '=', 'lock-set')
    .orderBy('seq')
    .execute();
  const locks = entries.flatMap(({ actor, at_ms, detail }) => {
    const entry = detailOf('lock-set', detail);
    if (!entry) return [];
    const { what, name, kids, reason, signed } = entry;
    return { kind: what, name, kids, reason, lockedBy: actor, lockedAtMs: Number(at_ms), token: signed };
  });
  return [...new Map(locks.map(lock => [lock.token, lock])).values()];
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

async function standingOn({ trx, macs }: MacReader, { kind, name }: Locked): Promise<LocksTable | undefined> {
  const rows = await trx
    .selectFrom('locks')
    .selectAll()
    .where('kind', '=', kind)
    .where('name', '=', name)
    .execute();
  return judgeLocks(macs, rows).standing[0];
}

async function set(
  change: Change,
  { kind, name, kids, reason, lockedBy, proof }: NewLock,
): Promise<LockRecord> {
  const { trx, macs, nowMs } = change;
  const { token, submittedBy, trustVersion: trust } = proof;
  const before = await standingOn(change, { kind, name });
  if (before)
    throw new FarcallError('CONFLICT', `the ${kind} ${name} is locked already, by ${before.locked_by}`);
  if (kind === 'host' && !(await activeKeys(change, name)))
    throw new FarcallError('NOT_FOUND', `there is no enrolled host ${name}; farcall hosts lists them`);
  await refuseUsed(change, token);
  const row = macs.sign('locks', {
    ...{ kind, name, kids: JSON.stringify(kids), reason },
    ...{
      locked_by: lockedBy,
      locked_at_ms: nowMs,
      token,
      ended_by: null,
      ended_at_ms: null,
      end_token: null,
    },
  });
  await macs.edit(trx, 'locks', async edit => {
    await trx.insertInto('locks').values(row).execute();
    edit.added(row);
  });
  const what = { what: kind, name, kids: [...kids], reason, signed: token };
  const detail = { ...what, submittedBy, token: auditDigest(token), trust };
  await change.audit({ kind: 'lock-set', actor: lockedBy, detail });
  return recordOf(row);
}

async function end(change: Change, { lock, reason, endedBy, proof }: LockEnd): Promise<void> {
  const { trx, macs, nowMs } = change;
  const { kind, name, kids, lockedAtMs, token } = lock;
  const { submittedBy, trustVersion: trust } = proof;
  const row = macs.sign('locks', {
    ...{ kind, name, kids: JSON.stringify(kids), reason: lock.reason, token },
    ...{ locked_by: lock.lockedBy, locked_at_ms: lockedAtMs },
    ...{ ended_by: endedBy, ended_at_ms: nowMs, end_token: proof.token },
  });
  await macs.edit(trx, 'locks', async edit => {
    const stored = await trx.selectFrom('locks').selectAll().where('token', '=', token).execute();
    if (judgeLocks(macs, stored).ended.length > 0)
      throw new FarcallError('NOT_FOUND', 'this lock has ended; farcall locks lists those that stand');
    await trx.deleteFrom('locks').where('token', '=', token).execute();
    await trx.insertInto('locks').values(row).execute();
    edit.removed(...stored);
    edit.added(row);
  });
  const detail = { what: kind, name, reason, submittedBy, token: auditDigest(proof.token), trust };
  await change.audit({ kind: 'lock-ended', actor: endedBy, detail });
}

function recordOf({ kind, name, kids, reason, locked_by, locked_at_ms, token }: LocksTable): LockRecord {
  const by = { lockedBy: locked_by, lockedAtMs: locked_at_ms, token };
  return { kind, name, kids: JSON.parse(kids), reason, ...by };
}
