import { FarcallError } from '../../../shared/errors/index.ts';
import { ENROLMENTS_LISTED, type EnrolmentState } from '../../../shared/messages/index.ts';
import { auditDigest, type Change, type Database, type PlainTransaction } from '../core/index.ts';
import { activeKeys, type EnrolledHost, hostLockReasons, setKeys } from '../hosts/index.ts';
import type { EnrolmentsTable } from '../schema/index.ts';

/** An approver's signature, which was verified. */
interface ApproverProof {
  readonly token: string;
  /** Who handed it in. */
  readonly submittedBy: string;
  /** Version of the trust bundle by which it was verified. */
  readonly trustVersion: number;
}

/** An approver's signature for an enrolment. */
export interface EnrolmentProof extends ApproverProof {
  /** The EnrolmentDraft that it is over. */
  readonly draft: Uint8Array;
}

/** An approver revokes an enrolment. */
export interface RevokedEnrolment {
  readonly id: string;
  readonly actor: string;
  readonly proof: ApproverProof;
}

/** A new enrolment; of its secret only the id of the key is known here, whose seed it is. */
export interface NewEnrolment {
  readonly id: string;
  readonly enrolmentKid: string;
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly madeBy: string;
  readonly lifetimeMs: number;
  readonly proof: EnrolmentProof;
}

/** An enrolment as it stands. */
export interface EnrolmentRecord {
  readonly id: string;
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: EnrolmentState;
  readonly madeBy: string;
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
}

/** A host's keys, to be exchanged for a place among the hosts; the labels are the enrolment's to say. */
export interface NewHostKeys extends Omit<EnrolledHost, 'labels'> {
  readonly enrolmentKid: string;
  /** The Redemption, which proves that they came in by this enrolment. */
  readonly redemption: Uint8Array;
}

/** Permissions to become a host, each good once. */
export interface EnrolmentStore {
  /** Throws CONFLICT if the host is enrolled already. */
  create(enrolment: NewEnrolment): Promise<EnrolmentRecord>;
  /** The newest first. */
  list(): Promise<readonly EnrolmentRecord[]>;
  /** Throws NOT_FOUND. */
  get(id: string): Promise<EnrolmentRecord>;
  /** Throws NOT_FOUND, and CONFLICT if it is not open any more. */
  revoke(revoked: RevokedEnrolment): Promise<EnrolmentRecord>;
  /**
   * Uses up an enrolment and gives the host its keys, in one transaction. Throws UNAUTHENTICATED if no
   * enrolment has this key, CONFLICT if it is used, revoked, expired, for another host, or the keys are
   * another host's.
   */
  redeem(keys: NewHostKeys): Promise<EnrolledHost>;
}

/** The part of the store about enrolments. */
export function enrolmentStoreOn(database: Database): EnrolmentStore {
  return {
    create: enrolment => database.change(change => create(change, enrolment)),
    list: () => database.transact(list),
    get: id =>
      database.transact(async transaction => recordOf(await rowOf(transaction, id), transaction.nowMs)),
    revoke: revoked => database.change(change => revoke(change, revoked)),
    redeem: keys => database.change(change => redeem(change, keys)),
  };
}

async function create(change: Change, enrolment: NewEnrolment): Promise<EnrolmentRecord> {
  const { trx, macs, nowMs } = change;
  const { id, host, labels, madeBy, lifetimeMs, proof } = enrolment;
  await refuseEnrolled(change, host);
  await refuseUsedKey(change, enrolment.enrolmentKid);
  const row = macs.sign('enrolments', {
    id,
    enrolment_kid: enrolment.enrolmentKid,
    host,
    labels: JSON.stringify(labels),
    made_by: madeBy,
    made_at_ms: nowMs,
    expires_at_ms: nowMs + lifetimeMs,
    used_at_ms: null,
    revoked_at_ms: null,
    draft: proof.draft,
    token: proof.token,
    revocation: null,
  });
  await macs.edit(trx, 'enrolments', async edit => {
    await trx.insertInto('enrolments').values(row).execute();
    edit.added(row);
  });
  const detail = {
    ...{ enrolment: id, key: row.enrolment_kid, labels: row.labels },
    ...{ expiresAtMs: row.expires_at_ms, submittedBy: proof.submittedBy },
    ...{ token: auditDigest(proof.token), trust: proof.trustVersion },
  };
  await change.audit({ kind: 'enrolment-made', actor: madeBy, host, detail });
  return recordOf(row, nowMs);
}

async function list({ trx, macs, nowMs }: PlainTransaction): Promise<readonly EnrolmentRecord[]> {
  const rows = await trx
    .selectFrom('enrolments')
    .selectAll()
    .orderBy('made_at_ms', 'desc')
    .orderBy('id')
    .limit(ENROLMENTS_LISTED)
    .execute();
  const genuine = macs.genuine('enrolments', rows);
  const ended = await endedAmong(
    { trx, macs },
    genuine.map(({ id }) => id),
  );
  return genuine.map(row => {
    const record = recordOf(row, nowMs);
    return ended.has(row.id) ? { ...record, state: 'ended' } : record;
  });
}

/** Those of these enrolments whose host was removed since. */
async function endedAmong(
  { trx, macs }: Pick<PlainTransaction, 'trx' | 'macs'>,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await trx
    .selectFrom('host_keys')
    .selectAll()
    .where('enrolment_id', 'in', ids)
    .where('ended_at_ms', 'is not', null)
    .execute();
  return new Set(macs.genuine('host_keys', rows).map(row => row.enrolment_id));
}

async function rowOf({ trx, macs }: PlainTransaction, id: string): Promise<EnrolmentsTable> {
  const stored = await trx.selectFrom('enrolments').selectAll().where('id', '=', id).executeTakeFirst();
  const row = macs.genuineRow('enrolments', stored);
  if (row) return row;
  throw new FarcallError('NOT_FOUND', `there is no enrolment ${id}`);
}

async function revoke(change: Change, { id, actor, proof }: RevokedEnrolment): Promise<EnrolmentRecord> {
  const { nowMs } = change;
  const { token, submittedBy, trustVersion: trust } = proof;
  const row = await rowOf(change, id);
  refuseClosed(row, nowMs);
  await mark(change, row, { revoked_at_ms: nowMs, revocation: token });
  const detail = { enrolment: id, submittedBy, token: auditDigest(token), trust };
  await change.audit({ kind: 'enrolment-revoked', actor, host: row.host, detail });
  return recordOf({ ...row, revoked_at_ms: nowMs }, nowMs);
}

/** Notes that an enrolment was used or revoked. */
async function mark(
  { trx, macs }: Change,
  before: EnrolmentsTable,
  times: Partial<Pick<EnrolmentsTable, 'used_at_ms' | 'revoked_at_ms' | 'revocation'>>,
): Promise<void> {
  const { mac: _mac, ...rest } = before;
  const after = macs.sign('enrolments', { ...rest, ...times });
  await macs.edit(trx, 'enrolments', async edit => {
    await trx.updateTable('enrolments').set(after).where('id', '=', before.id).execute();
    edit.removed(before);
    edit.added(after);
  });
}

/**
 * Threat: one token used twice, at the same moment or later. The look and the mark are one change, and
 * changes go one after the other. Who has the token may know how its enrolment stands; who has not learns
 * nothing. Somebody who can write to the database makes an enrolment for a key of their own: without a
 * valid MAC it is none.
 */
async function redeem(change: Change, keys: NewHostKeys): Promise<EnrolledHost> {
  const { trx, macs, nowMs } = change;
  const stored = await trx
    .selectFrom('enrolments')
    .selectAll()
    .where('enrolment_kid', '=', keys.enrolmentKid)
    .executeTakeFirst();
  const row = macs.genuineRow('enrolments', stored);
  if (!row) throw new FarcallError('UNAUTHENTICATED', 'this controller made no such enrolment token');
  refuseClosed(row, nowMs);
  if (row.host !== keys.host)
    throw new FarcallError('CONFLICT', `the enrolment is for ${row.host}, not for ${keys.host}`);
  await refuseEnrolled(change, row.host);
  await refuseLocked(change, row.host);
  const { enrolmentKid: _used, redemption, ...rest } = keys;
  const host: EnrolledHost = { ...rest, labels: JSON.parse(row.labels) };
  await setKeys(change, host, { id: row.id, redemption });
  await mark(change, row, { used_at_ms: nowMs });
  const detail = { enrolment: row.id, kid: host.kid, nkey: host.nkey };
  await change.audit({ kind: 'host-enrolled', actor: host.host, host: host.host, detail });
  return host;
}

/**
 * Threat: one stolen key of an approver puts another machine in the place of a host, with other labels, and
 * with it ends what that host would say. So a host that exists has to be removed first, which takes two
 * people. Looking again when the token is redeemed keeps back a token that was made before the host came.
 */
async function refuseEnrolled(change: Change, host: string): Promise<void> {
  if (!(await activeKeys(change, host))) return;
  throw new FarcallError(
    'CONFLICT',
    `${host} is enrolled already; if it has lost its keys, or is another machine now, remove it first: farcall host remove ${host}`,
  );
}

/** Threat: somebody hands in what an approver signed once more, after the host was removed. */
async function refuseUsedKey({ trx }: Change, enrolmentKid: string): Promise<void> {
  const used = await trx
    .selectFrom('enrolments')
    .select(['id', 'host'])
    .where('enrolment_kid', '=', enrolmentKid)
    .executeTakeFirst();
  if (used)
    throw new FarcallError('CONFLICT', `this enrolment of ${used.host} was made before, as ${used.id}`);
}

/** Threat: a host that is locked comes back with other keys, by a token that was made before the lock. */
async function refuseLocked(change: Change, host: string): Promise<void> {
  const locks = await hostLockReasons(change, [host]);
  if (locks.has(host))
    throw new FarcallError('LOCKED', `${host} is locked; farcall unlock host ${host} ends that`);
}

function refuseClosed(row: EnrolmentsTable, nowMs: number): void {
  const state = stateOf(row, nowMs);
  if (state === 'open') return;
  const how = state === 'used' ? 'was used already' : state === 'revoked' ? 'was revoked' : 'is expired';
  throw new FarcallError('CONFLICT', `the enrolment ${row.id} of ${row.host} ${how}; make another one`);
}

function stateOf(row: EnrolmentsTable, nowMs: number): EnrolmentState {
  if (row.used_at_ms !== null) return 'used';
  if (row.revoked_at_ms !== null) return 'revoked';
  return row.expires_at_ms > nowMs ? 'open' : 'expired';
}

function recordOf(row: EnrolmentsTable, nowMs: number): EnrolmentRecord {
  return {
    id: row.id,
    host: row.host,
    labels: JSON.parse(row.labels),
    state: stateOf(row, nowMs),
    madeBy: row.made_by,
    madeAtMs: row.made_at_ms,
    expiresAtMs: row.expires_at_ms,
  };
}
