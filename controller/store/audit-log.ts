import type { Kysely, Transaction } from 'kysely';
import { FarcallError } from '../../shared/errors/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import type { AuditTable, Schema } from './schema.ts';

/** What happened, as the audit log keeps it. */
export type AuditKind =
  | 'enrolment-made'
  | 'enrolment-revoked'
  | 'host-enrolled'
  | 'host-removed'
  | 'host-registered'
  | 'host-facts'
  | 'request-created'
  | 'approval-added'
  | 'request-approved'
  | 'order-made'
  | 'order-published'
  | 'host-settled'
  | 'late-result'
  | 'request-finished'
  | 'request-expired';

/** One change of state, said by the code that makes it. */
export interface AuditEntry {
  readonly kind: AuditKind;
  /** Who caused it: a person, a host, or `controller`. */
  readonly actor: string;
  readonly requestId?: string;
  readonly host?: string;
  readonly detail?: Readonly<Record<string, string | number | readonly string[]>>;
}

/** What {@link verifyAuditLog} found. */
export interface AuditHead {
  readonly entries: number;
  /** Hash of the last entry, hex: keep it elsewhere, and a log that was rewritten as a whole is found out too. */
  readonly hash: string;
}

const NO_HASH = new Uint8Array(32);

/** Appends `entry` inside the transaction that makes the change; returns its number. */
export async function appendAudit(
  trx: Transaction<Schema>,
  entry: AuditEntry,
  nowMs: number,
): Promise<number> {
  const last = await trx
    .selectFrom('audit')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const row = {
    seq: (last?.seq ?? 0) + 1,
    at_ms: nowMs,
    kind: entry.kind,
    actor: entry.actor,
    request_id: entry.requestId ?? null,
    host: entry.host ?? null,
    detail: JSON.stringify(entry.detail ?? {}),
  };
  await trx
    .insertInto('audit')
    .values({ ...row, hash: chainHash(last?.hash ?? NO_HASH, row) })
    .execute();
  return row.seq;
}

/**
 * Walks the whole log. Throws STORE_FAILED at the first entry that does not follow from the one before it.
 *
 * Threat: somebody with access to the store edits or removes what once happened. Each hash covers the entry and the
 * hash before it, so only rewriting everything behind the edit would hide it, and that changes the head.
 */
export async function verifyAuditLog(db: Kysely<Schema>): Promise<AuditHead> {
  let hash = NO_HASH as Uint8Array;
  let entries = 0;
  for await (const row of db.selectFrom('audit').selectAll().orderBy('seq').stream()) {
    entries += 1;
    hash = chainHash(hash, row);
    if (row.seq !== entries || Buffer.compare(hash, row.hash) !== 0)
      throw new FarcallError('STORE_FAILED', `the audit log is broken at entry ${entries}`);
  }
  return { entries, hash: Buffer.from(hash).toString('hex') };
}

function chainHash(previous: Uint8Array, row: Omit<AuditTable, 'hash'>): Uint8Array {
  const content = [row.seq, row.at_ms, row.kind, row.actor, row.request_id, row.host, row.detail];
  return sha256(previous, Buffer.from(JSON.stringify(content), 'utf8'));
}
