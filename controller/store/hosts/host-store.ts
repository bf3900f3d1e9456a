import type { Kysely } from 'kysely';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { HoldReason } from '../../../shared/messages/index.ts';
import type { PublicJwk } from '../../../shared/tokens/index.ts';
import { auditDigest, batchLookups, type Change, type Database } from '../core/index.ts';
import type { HostsTable, Schema } from '../schema/index.ts';
import type { HostTrustStatus } from './heartbeat-store.ts';
import { activeKeys } from './host-keys.ts';

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
  /** The labels that it was enrolled with; those in its facts are what the host claims. */
  readonly labels: Readonly<Record<string, string>>;
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
  const seen = batchLookups(async hosts => {
    await database.transact(async ({ trx, nowMs }) => {
      await trx.updateTable('hosts').set({ last_seen_ms: nowMs }).where('name', 'in', hosts).execute();
    });
    return new Map<string, void>();
  });
  return {
    register: registration => database.change(change => register(change, registration)),
    seen,
    all: () => database.read(async db => (await enrolledHosts(db).execute()).map(hostOfRow)),
    find: host =>
      database.read(async db => {
        const row = await enrolledHosts(db).where('hosts.name', '=', host).executeTakeFirst();
        return row && hostOfRow(row);
      }),
  };
}

function enrolledHosts(db: Kysely<Schema>) {
  return db
    .selectFrom('hosts')
    .innerJoin('host_keys', 'host_keys.host', 'hosts.name')
    .leftJoin('host_heartbeats', 'host_heartbeats.host', 'hosts.name')
    .leftJoin('locks', join =>
      join
        .onRef('locks.name', '=', 'hosts.name')
        .on('locks.kind', '=', 'host')
        .on('locks.ended_at_ms', 'is', null),
    )
    .leftJoin('host_journals', join =>
      join
        .onRef('host_journals.host', '=', 'host_keys.host')
        .onRef('host_journals.kid', '=', 'host_keys.kid'),
    )
    .select(['hosts.name', 'host_keys.kid', 'labels', 'facts', 'first_seen_ms', 'last_seen_ms'])
    .select(['trust_version', 'trust_confirmed_at_ms', 'newer_trust_version', 'locks.reason as lock_reason'])
    .select(['hold', 'hold_since_ms'])
    .where('host_keys.ended_at_ms', 'is', null)
    .orderBy('hosts.name');
}

interface HostRow {
  readonly name: string;
  readonly kid: string;
  readonly labels: string;
  readonly facts: Uint8Array;
  readonly first_seen_ms: number;
  readonly last_seen_ms: number;
  readonly trust_version?: number | null;
  readonly trust_confirmed_at_ms?: number | null;
  readonly newer_trust_version?: number | null;
  readonly lock_reason?: string | null;
  readonly hold?: HoldReason | null;
  readonly hold_since_ms?: number | null;
}

/** A host as its row and that of its keys say it. */
export function hostOfRow(row: HostRow): HostRecord {
  return {
    host: row.name,
    kid: row.kid,
    labels: JSON.parse(row.labels),
    facts: row.facts,
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
    trust: trustOfRow(row),
    lockReason: row.lock_reason ?? undefined,
    ...(row.hold && { hold: { why: row.hold, sinceMs: row.hold_since_ms ?? 0 } }),
  };
}

function trustOfRow(row: HostRow): HostTrustStatus | undefined {
  const { trust_version, trust_confirmed_at_ms, newer_trust_version } = row;
  if (trust_version == null || trust_confirmed_at_ms == null) return undefined;
  const newerTrustVersion = newer_trust_version ?? undefined;
  return { trustVersion: trust_version, trustConfirmedAtMs: trust_confirmed_at_ms, newerTrustVersion };
}

async function register(change: Change, registration: HostRegistration): Promise<RegistrationEffect> {
  const { trx, nowMs } = change;
  const { host, kid } = registration;
  // Looked at again here, in the transaction: the host may have been removed since its signature was checked.
  const keys = await activeKeys(trx, host);
  if (keys?.kid !== kid)
    throw new FarcallError('CONFLICT', `${host} is not enrolled with the key ${kid}, which signed this`);
  const stored = await trx.selectFrom('hosts').selectAll().where('name', '=', host).executeTakeFirst();
  if (!stored) {
    await trx
      .insertInto('hosts')
      .values({
        name: host,
        first_seen_ms: nowMs,
        ...factsOf(registration, nowMs),
      })
      .execute();
    const detail = digestsOf(registration);
    await change.audit({ kind: 'host-registered', actor: host, host, detail });
    await noteConflict(change, registration);
    return 'registered';
  }
  if (stored.kid === kid && registration.signedAtS < stored.facts_signed_at_s) return 'older';
  // Facts name the key: those of a host with new keys always differ.
  const changed = registration.changedIn(stored.facts);
  if (changed.length === 0) {
    // The stored facts stay, because the audit log has their digest; only their time goes on.
    const { facts_signed_at_s, last_seen_ms } = factsOf(registration, nowMs);
    await trx
      .updateTable('hosts')
      .set({ facts_signed_at_s, last_seen_ms })
      .where('name', '=', host)
      .execute();
    return 'unchanged';
  }
  if (!registration.mayChange()) {
    await trx.updateTable('hosts').set({ last_seen_ms: nowMs }).where('name', '=', host).execute();
    return 'deferred';
  }
  await trx.updateTable('hosts').set(factsOf(registration, nowMs)).where('name', '=', host).execute();
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

function factsOf(registration: HostRegistration, nowMs: number): FactColumns {
  return {
    kid: registration.kid,
    public_jwk: JSON.stringify(registration.publicJwk),
    facts: registration.facts,
    facts_signature: registration.factsSignature,
    facts_signed_at_s: registration.signedAtS,
    last_seen_ms: nowMs,
  };
}
