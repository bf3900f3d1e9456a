import type { Kysely } from 'kysely';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { HoldReason } from '../../../shared/messages/index.ts';
import type { PublicJwk } from '../../../shared/tokens/index.ts';
import { auditDigest, batchLookups, type Change, type Database, type MacTables } from '../core/index.ts';
import type { HostHeartbeatsTable, HostKeysTable, HostsTable, Schema } from '../schema/index.ts';
import type { HostTrustStatus } from './heartbeat-store.ts';
import { factsSignedAtS, setContact, touchHosts } from './host-contacts.ts';
import { activeKeys } from './host-keys.ts';
import { hostLockReasons } from './standing-locks.ts';

/** The facts and the key of a host, from a verified hello. */
export interface HostRegistration {
  readonly host: string;
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly facts: Uint8Array;
  readonly factsSignature: string;
  readonly signedAtS: number;
  /** The names of the facts that differ from the stored ones; what counts as that is the caller's to know. */
  changedIn(stored: Uint8Array): readonly string[];
  /** Whether the facts of this host may change now; asked only if they do, and counted. */
  mayChange(): boolean;
  /** How the checkpoint that the host holds contradicts this store's audit log. */
  readonly conflict?: CheckpointConflict | undefined;
}

/** A signed checkpoint that the audit log contradicts. */
export interface CheckpointConflict {
  readonly seq: number;
  readonly token: string;
  readonly problem: string;
}

/** A host that is enrolled and once said hello. */
export interface HostRecord {
  readonly host: string;
  /** Of the key that it is enrolled with. */
  readonly kid: string;
  /** The labels that people gave it, last; those in its facts are what the host claims. */
  readonly labels: Readonly<Record<string, string>>;
  /** How often people have changed them since it was enrolled. */
  readonly labelsNumber: number;
  readonly facts: Uint8Array;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** What its newest heartbeat says about its trust bundle; undefined if none came. */
  readonly trust: HostTrustStatus | undefined;
  /** Why it is locked; undefined if it is not. */
  readonly lockReason: string | undefined;
  /** Present if it gets no orders until a person accepts it. */
  readonly hold?: { readonly why: HoldReason; readonly sinceMs: number };
}

/** Whether a host is not locked: locked ones are in no new request and no plan. */
export function isFree({ lockReason }: Pick<HostRecord, 'lockReason'>): boolean {
  return lockReason === undefined;
}

/**
 * The effect of a hello. `older` facts than the stored ones are ignored; `deferred` ones are changed facts
 * that may not be stored yet.
 */
export type RegistrationEffect = 'registered' | 'changed' | 'unchanged' | 'older' | 'deferred';

/** The facts that hosts report about themselves. */
export interface HostStore {
  /**
   * Keeps the facts of a host. Throws CONFLICT if the key that signed them is not the one it is enrolled
   * with.
   */
  register(registration: HostRegistration): Promise<RegistrationEffect>;
  /** Remembers that `host` was heard of just now. */
  seen(host: string): Promise<void>;
  /** All that are enrolled and said hello, by name. */
  all(): Promise<readonly HostRecord[]>;
  /** One of them. */
  find(host: string): Promise<HostRecord | undefined>;
}

/** The part of the store about hosts. */
export function hostStoreOn(database: Database): HostStore {
  const { macs } = database;
  const seen = batchLookups(async hosts => {
    await database.transact(
      async transaction => void (await touchHosts(transaction, hosts, transaction.nowMs)),
    );
    return new Map<string, void>();
  });
  return {
    register: registration => database.change(change => register(change, registration)),
    seen,
    all: () =>
      database.read(async db => {
        const rows = await enrolledHosts(db).execute();
        const stored = await db.selectFrom('host_heartbeats').selectAll().execute();
        const locks = await hostLockReasons({ trx: db, macs });
        const heartbeats = new Map(macs.genuine('host_heartbeats', stored).map(each => [each.host, each]));
        return rows
          .map(row => hostOfRow({ macs, locks }, row, heartbeats.get(row.name)))
          .filter(record => record !== undefined);
      }),
    find: host =>
      database.read(async db => {
        const row = await enrolledHosts(db).where('hosts.name', '=', host).executeTakeFirst();
        const stored = db.selectFrom('host_heartbeats').selectAll().where('host', '=', host);
        const heartbeat = macs.genuineRow('host_heartbeats', await stored.executeTakeFirst());
        const locks = await hostLockReasons({ trx: db, macs }, [host]);
        return row && hostOfRow({ macs, locks }, row, heartbeat);
      }),
  };
}

/** The hosts that are enrolled and said hello, with the whole rows of their keys and contacts. */
export function enrolledHosts(db: Kysely<Schema>) {
  return db
    .selectFrom('hosts')
    .innerJoin('host_keys', 'host_keys.host', 'hosts.name')
    .leftJoin('host_contacts', 'host_contacts.host', 'hosts.name')
    .leftJoin('host_journals', join =>
      join
        .onRef('host_journals.host', '=', 'host_keys.host')
        .onRef('host_journals.kid', '=', 'host_keys.kid'),
    )
    .selectAll('host_keys')
    .select(['hosts.name', 'facts', 'first_seen_ms'])
    .select(['last_seen_ms', 'facts_signed_at_s', 'host_contacts.mac as contact_mac'])
    .select(['hold', 'hold_since_ms'])
    .where('host_keys.ended_at_ms', 'is', null)
    .orderBy('hosts.name');
}

type EnrolledRow = HostKeysTable &
  Pick<HostsTable, 'name' | 'facts' | 'first_seen_ms'> & {
    readonly last_seen_ms: number | null;
    readonly facts_signed_at_s: number | null;
    readonly contact_mac: Uint8Array | null;
    readonly hold: HoldReason | null;
    readonly hold_since_ms: number | null;
  };

/** What shows which rows about hosts are genuine, and why hosts are locked. */
interface HostProofs {
  readonly macs: MacTables;
  readonly locks: ReadonlyMap<string, string>;
}

/**
 * A host as its row and that of its keys say it; undefined if that of its keys is forged. Without a genuine
 * contact, it was last seen when it was first seen.
 */
export function hostOfRow(
  { macs, locks }: HostProofs,
  row: EnrolledRow,
  heartbeat?: HostHeartbeatsTable,
): HostRecord | undefined {
  const { name, facts, first_seen_ms, last_seen_ms, facts_signed_at_s, contact_mac, ...others } = row;
  const { hold, hold_since_ms, ...stored } = others;
  const keys = macs.genuineRow('host_keys', stored);
  if (!keys) return undefined;
  const contact =
    last_seen_ms !== null && facts_signed_at_s !== null && contact_mac !== null
      ? { host: name, last_seen_ms, facts_signed_at_s, mac: contact_mac }
      : undefined;
  return {
    host: name,
    kid: keys.kid,
    labels: JSON.parse(keys.labels),
    labelsNumber: keys.labels_number,
    facts,
    firstSeenMs: first_seen_ms,
    lastSeenMs: macs.genuineRow('host_contacts', contact)?.last_seen_ms ?? first_seen_ms,
    trust: heartbeat && trustOf(heartbeat),
    lockReason: locks.get(name),
    ...(hold && { hold: { why: hold, sinceMs: hold_since_ms ?? 0 } }),
  };
}

function trustOf(row: HostHeartbeatsTable): HostTrustStatus {
  return {
    trustVersion: row.trust_version,
    trustConfirmedAtMs: row.trust_confirmed_at_ms,
    newerTrustVersion: row.newer_trust_version ?? undefined,
  };
}

async function register(change: Change, registration: HostRegistration): Promise<RegistrationEffect> {
  const { trx, nowMs } = change;
  const { host, kid } = registration;
  // Looked at again here, in the transaction: the host may have been removed since its signature was checked.
  const keys = await activeKeys(change, host);
  if (keys?.kid !== kid)
    throw new FarcallError('CONFLICT', `${host} is not enrolled with the key ${kid}, which signed this`);
  const stored = await trx.selectFrom('hosts').selectAll().where('name', '=', host).executeTakeFirst();
  if (!stored) {
    await trx
      .insertInto('hosts')
      .values({ name: host, first_seen_ms: nowMs, ...factsOf(registration) })
      .execute();
    await setContact(change, host, registration.signedAtS);
    const detail = digestsOf(registration);
    await change.audit({ kind: 'host-registered', actor: host, host, detail });
    await noteConflict(change, registration);
    return 'registered';
  }
  if (stored.kid === kid && registration.signedAtS < (await factsSignedAtS(change, stored))) return 'older';
  // Facts name the key: those of a host with new keys always differ.
  const changed = registration.changedIn(stored.facts);
  if (changed.length > 0 && !registration.mayChange()) {
    await touchHosts(change, [host], nowMs);
    return 'deferred';
  }
  await setContact(change, host, registration.signedAtS);
  // The stored facts stay then, because the audit log has their digest.
  if (changed.length === 0) return 'unchanged';
  await trx.updateTable('hosts').set(factsOf(registration)).where('name', '=', host).execute();
  const detail = { ...digestsOf(registration), changed: [...changed] };
  await change.audit({ kind: 'host-facts', actor: host, host, detail });
  await noteConflict(change, registration);
  return 'changed';
}

function digestsOf({ kid, facts, factsSignature }: HostRegistration) {
  return { kid, facts: auditDigest(facts), signature: auditDigest(factsSignature) };
}

async function noteConflict(change: Change, { host, conflict }: HostRegistration): Promise<void> {
  if (!conflict) return;
  const { seq, token, problem } = conflict;
  const detail = { holder: host, seq, problem, checkpoint: auditDigest(token) };
  await change.audit({ kind: 'checkpoint-conflict', actor: host, detail });
}

type FactColumns = Omit<HostsTable, 'name' | 'first_seen_ms'>;

function factsOf(registration: HostRegistration): FactColumns {
  return {
    kid: registration.kid,
    public_jwk: JSON.stringify(registration.publicJwk),
    facts: registration.facts,
    facts_signature: registration.factsSignature,
  };
}
