import { FarcallError } from '../../shared/errors/index.ts';
import type { PublicJwk } from '../../shared/tokens/index.ts';
import { auditDigest } from './audit-log.ts';
import type { Change, Database } from './database.ts';
import type { HostsTable } from './schema.ts';

/** What a host signed about itself, after it was verified. */
export interface HostRegistration {
  readonly host: string;
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly facts: Uint8Array;
  readonly factsSignature: string;
  readonly signedAtS: number;
  /** Whether the facts say something else than the stored ones do; what counts as that is the caller's to know. */
  differs(stored: Uint8Array): boolean;
  /** What the checkpoint that the host holds says against this store's audit log. */
  readonly conflict?: CheckpointConflict | undefined;
}

/** A signed checkpoint that the audit log contradicts. */
export interface CheckpointConflict {
  readonly seq: number;
  readonly token: string;
  readonly problem: string;
}

/** A host that once said hello. */
export interface HostRecord {
  readonly host: string;
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly facts: Uint8Array;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

/** What a hello did: `older` facts than the stored ones are left aside. */
export type RegistrationEffect = 'registered' | 'changed' | 'unchanged' | 'older';

/** The hosts that the controller knows. */
export interface HostStore {
  /** Pins a new host to its key, or renews its facts. Throws CONFLICT where the host is pinned to another key. */
  register(registration: HostRegistration): Promise<RegistrationEffect>;
  /** Remembers that `host` was heard of just now. */
  seen(host: string): Promise<void>;
  find(host: string): Promise<HostRecord | undefined>;
  /** All of them, by name. */
  all(): Promise<readonly HostRecord[]>;
}

/** The part of the store about hosts. */
export function hostStoreOn(database: Database): HostStore {
  return {
    register: registration => database.change(change => register(change, registration)),
    seen: host =>
      database.change(async ({ trx, nowMs }) => {
        await trx.updateTable('hosts').set({ last_seen_ms: nowMs }).where('name', '=', host).execute();
      }),
    find: host =>
      database.read(async db => {
        const row = await db.selectFrom('hosts').selectAll().where('name', '=', host).executeTakeFirst();
        return row && recordOf(row);
      }),
    all: () =>
      database.read(async db => {
        const rows = await db.selectFrom('hosts').selectAll().orderBy('name').execute();
        return rows.map(recordOf);
      }),
  };
}

async function register(change: Change, registration: HostRegistration): Promise<RegistrationEffect> {
  const { trx, nowMs } = change;
  const { host, kid } = registration;
  const stored = await trx.selectFrom('hosts').selectAll().where('name', '=', host).executeTakeFirst();
  if (!stored) {
    await trx
      .insertInto('hosts')
      .values({
        name: host,
        kid,
        public_jwk: JSON.stringify(registration.publicJwk),
        first_seen_ms: nowMs,
        ...factsOf(registration, nowMs),
      })
      .execute();
    const detail = { kid, ...digestsOf(registration) };
    await change.audit({ kind: 'host-registered', actor: host, host, detail });
    await noteConflict(change, registration);
    return 'registered';
  }
  if (stored.kid !== kid)
    throw new FarcallError(
      'CONFLICT',
      `${host} is pinned to the key ${stored.kid}, and this is signed by ${kid}`,
    );
  if (registration.signedAtS < stored.facts_signed_at_s) return 'older';
  if (!registration.differs(stored.facts)) {
    // The stored facts stay, because the audit log has their digest; only their time goes on.
    const { facts_signed_at_s, last_seen_ms } = factsOf(registration, nowMs);
    await trx
      .updateTable('hosts')
      .set({ facts_signed_at_s, last_seen_ms })
      .where('name', '=', host)
      .execute();
    return 'unchanged';
  }
  await trx.updateTable('hosts').set(factsOf(registration, nowMs)).where('name', '=', host).execute();
  await change.audit({ kind: 'host-facts', actor: host, host, detail: digestsOf(registration) });
  await noteConflict(change, registration);
  return 'changed';
}

function digestsOf({ facts, factsSignature }: HostRegistration): { facts: string; signature: string } {
  return { facts: auditDigest(facts), signature: auditDigest(factsSignature) };
}

async function noteConflict(change: Change, { host, conflict }: HostRegistration): Promise<void> {
  if (!conflict) return;
  const { seq, token, problem } = conflict;
  const detail = { holder: host, seq, problem, checkpoint: auditDigest(token) };
  await change.audit({ kind: 'checkpoint-conflict', actor: host, detail });
}

type FactColumns = Pick<HostsTable, 'facts' | 'facts_signature' | 'facts_signed_at_s' | 'last_seen_ms'>;

function factsOf(registration: HostRegistration, nowMs: number): FactColumns {
  return {
    facts: registration.facts,
    facts_signature: registration.factsSignature,
    facts_signed_at_s: registration.signedAtS,
    last_seen_ms: nowMs,
  };
}

function recordOf(row: HostsTable): HostRecord {
  return {
    host: row.name,
    kid: row.kid,
    publicJwk: JSON.parse(row.public_jwk) as PublicJwk,
    facts: row.facts,
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
  };
}
