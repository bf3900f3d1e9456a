import { storedRevision } from './approval-store.ts';
import { auditDigest } from './audit-log.ts';
import type { Change, Database } from './database.ts';
import { moveState } from './request-states.ts';

/** A signed order, with the envelope that carries it. */
export interface NewOrder {
  /** The order's jti. */
  readonly id: string;
  readonly requestId: string;
  readonly attempt: number;
  /** The encoded OrderEnvelope. */
  readonly envelope: Uint8Array;
  /** `decisionsRevision` of the decisions in the envelope. */
  readonly revision: number;
  /** Version of the trust bundle by which its approvals were counted. */
  readonly trustVersion: number;
}

/** A stored order. */
export type OrderRecord = Omit<NewOrder, 'revision' | 'trustVersion'>;

/** Orders and whether they went out. */
export interface OrderStore {
  /**
   * Stores the order and moves its request from approved to dispatched; false where that is not approved, or where
   * somebody has decided otherwise since the approvals in the envelope were read.
   */
  add(order: NewOrder): Promise<boolean>;
  find(id: string): Promise<OrderRecord | undefined>;
  /** Orders of dispatched requests that the broker has not taken yet, oldest first. */
  unpublished(): Promise<readonly OrderRecord[]>;
  /** Nothing where it is marked already: several controllers may publish one order. */
  markPublished(id: string): Promise<void>;
  /** Envelopes of the orders on which `host` owes an answer and that it may still start, oldest first. */
  openFor(host: string, nowMs: number, limit: number): Promise<readonly Uint8Array[]>;
}

/** The part of the store about orders. */
export function orderStoreOn(database: Database): OrderStore {
  return {
    add: order => database.change(change => add(change, order)),
    find: id =>
      database.read(async db => {
        const row = await db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirst();
        return row && orderOf(row);
      }),
    unpublished: () =>
      database.read(async db => {
        const rows = await db
          .selectFrom('orders')
          .innerJoin('requests', 'requests.id', 'orders.request_id')
          .selectAll('orders')
          .where('orders.published_at_ms', 'is', null)
          .where('requests.state', '=', 'dispatched')
          .orderBy('orders.created_at_ms')
          .execute();
        return rows.map(orderOf);
      }),
    markPublished: id =>
      database.change(async change => {
        const { trx, nowMs } = change;
        const marked = await trx
          .updateTable('orders')
          .set({ published_at_ms: nowMs })
          .where('id', '=', id)
          .where('published_at_ms', 'is', null)
          .returning('request_id')
          .executeTakeFirst();
        if (marked)
          await change.audit({
            kind: 'order-published',
            actor: 'controller',
            requestId: marked.request_id,
            detail: { order: id },
          });
      }),
    openFor: (host, nowMs, limit) =>
      database.read(async db => {
        const rows = await db
          .selectFrom('expected_hosts')
          .innerJoin('requests', 'requests.id', 'expected_hosts.request_id')
          .innerJoin('orders', 'orders.request_id', 'requests.id')
          .select('orders.envelope')
          .where('expected_hosts.host', '=', host)
          .where('expected_hosts.outcome', 'is', null)
          .where('requests.state', '=', 'dispatched')
          .where('requests.expires_at_ms', '>', nowMs)
          .orderBy('orders.created_at_ms')
          .limit(limit)
          .execute();
        return rows.map(({ envelope }) => envelope);
      }),
  };
}

async function add(change: Change, order: NewOrder): Promise<boolean> {
  const { id, requestId, attempt, envelope, revision, trustVersion } = order;
  if ((await storedRevision(change, requestId)) !== revision) return false;
  if (!(await moveState(change, requestId, 'order'))) return false;
  await change.trx
    .insertInto('orders')
    .values({
      id,
      request_id: requestId,
      attempt,
      envelope,
      created_at_ms: change.nowMs,
      published_at_ms: null,
    })
    .execute();
  const detail = { order: id, attempt, envelope: auditDigest(envelope), trust: trustVersion };
  await change.audit({ kind: 'order-made', actor: 'controller', requestId, detail });
  return true;
}

function orderOf(row: {
  id: string;
  request_id: string;
  attempt: number;
  envelope: Uint8Array;
}): OrderRecord {
  return { id: row.id, requestId: row.request_id, attempt: row.attempt, envelope: row.envelope };
}
