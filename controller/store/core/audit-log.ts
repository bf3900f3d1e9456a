import type { Kysely, Transaction } from 'kysely';
import { sha256 } from '../../../shared/tokens/index.ts';
import type { AuditTable, Schema } from '../schema/index.ts';
import type { AuditEntry, AuditKind } from './audit-kinds.ts';
import type { Database } from './database.ts';

/** The end of the log at one moment. */
export interface AuditHead {
  /** Number of the last entry; 0 if there is none. */
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** Which entries are wanted: all that fit every member that is there. */
export interface AuditQuery {
  readonly requestId?: string | undefined;
  readonly kind?: AuditKind | undefined;
  readonly host?: string | undefined;
  readonly actor?: string | undefined;
  /** Entries behind this one only. */
  readonly afterSeq: number;
  readonly limit: number;
  /** Where it is there: entries before this one only, newest first. */
  readonly beforeSeq?: number | undefined;
}

/** The audit log, for those who read it. */
export interface AuditStore {
  head(): Promise<AuditHead>;
  /** Hash of the entry `seq`; undefined if there is no such entry. */
  hashAt(seq: number): Promise<Uint8Array | undefined>;
  /** Entries in their order, or the other way round. */
  page(query: AuditQuery): Promise<readonly AuditTable[]>;
  /** Writes an entry about something that changes no other table. */
  note(entry: AuditEntry): Promise<void>;
}

/** The part of the store about the audit log. */
export function auditStoreOn(database: Database): AuditStore {
  return {
    head: () => database.read(readHead),
    hashAt: seq =>
      database.read(async db => {
        const row = await db.selectFrom('audit').select('hash').where('seq', '=', seq).executeTakeFirst();
        return row?.hash;
      }),
    page: ({ requestId, kind, host, actor, afterSeq, limit, beforeSeq }) =>
      database.read(db => {
        let query = db.selectFrom('audit').selectAll().where('seq', '>', afterSeq);
        if (requestId !== undefined) query = query.where('request_id', '=', requestId);
        if (kind !== undefined) query = query.where('kind', '=', kind);
        if (host !== undefined) query = query.where('host', '=', host);
        if (actor !== undefined) query = query.where('actor', '=', actor);
        if (beforeSeq !== undefined) query = query.where('seq', '<', beforeSeq);
        return query
          .orderBy('seq', beforeSeq === undefined ? 'asc' : 'desc')
          .limit(limit)
          .execute();
      }),
    note: entry => database.change(async change => void (await change.audit(entry))),
  };
}

/** Writes the entries of one transaction. */
export interface AuditWriter {
  /** Gives `entry`, which happens at `nowMs`, its number. */
  append(entry: AuditEntry, nowMs: number): Promise<number>;
  /** Forgets all entries but the first so many, where what they tell of was withdrawn. */
  keepFirst(count: number): void;
  readonly length: number;
  /** Writes all of them, which nothing in the transaction reads before; returns them. */
  flush(): Promise<readonly AuditEntry[]>;
}

/** Eight values each: well below the 32,766 that SQLite takes in one statement. */
const ENTRIES_PER_INSERT = 1000;

/** A writer inside the transaction that makes the changes, which must be the only one that writes entries. */
export function auditWriter(trx: Transaction<Schema>): AuditWriter {
  const entries: AuditEntry[] = [];
  const rows: AuditTable[] = [];
  let start: AuditHead | undefined;
  return {
    get length() {
      return rows.length;
    },
    async append(entry, nowMs) {
      start ??= await readHead(trx);
      const head = rows.at(-1) ?? start;
      const row = {
        seq: head.seq + 1,
        at_ms: nowMs,
        kind: entry.kind,
        actor: entry.actor,
        request_id: entry.requestId ?? null,
        host: entry.host ?? null,
        detail: JSON.stringify(entry.detail),
      };
      const hash = chainHash(head.hash, row);
      entries.push(entry);
      rows.push({ ...row, hash });
      return row.seq;
    },
    keepFirst(count) {
      entries.length = count;
      rows.length = count;
    },
    async flush() {
      for (let from = 0; from < rows.length; from += ENTRIES_PER_INSERT)
        await trx
          .insertInto('audit')
          .values(rows.slice(from, from + ENTRIES_PER_INSERT))
          .execute();
      return entries;
    },
  };
}

/**
 * Where the chain of a store begins: no two stores have an entry in common, and a store's id cannot be
 * changed.
 */
export function chainStart(storeId: string): Uint8Array {
  return sha256(Buffer.from(`farcall audit log of store ${storeId}`, 'utf8'));
}

/** The hash of an entry: SHA-256 over the hash before it and over everything that the entry says. */
export function chainHash(previous: Uint8Array, row: Omit<AuditTable, 'hash'>): Uint8Array {
  const content = [row.seq, row.at_ms, row.kind, row.actor, row.request_id, row.host, row.detail];
  return sha256(previous, Buffer.from(JSON.stringify(content), 'utf8'));
}

/** A SHA-256 as entries carry it; of a token, over its text. */
export function auditDigest(content: Uint8Array | string): string {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return Buffer.from(sha256(bytes)).toString('hex');
}

async function readHead(db: Kysely<Schema>): Promise<AuditHead> {
  const last = await db
    .selectFrom('audit')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last) return last;
  const { id } = await db.selectFrom('store_identity').select('id').executeTakeFirstOrThrow();
  return { seq: 0, hash: chainStart(id) };
}
