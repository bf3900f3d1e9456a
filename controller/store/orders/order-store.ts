import { type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import { auditDigest, type Change, type Database } from '../core/index.ts';
import { beginAnswering } from '../progress/index.ts';
import type { OrdersTable, Schema } from '../schema/index.ts';

/** A signed order, with the envelope that carries it. */
export interface NewOrder {
  /** The order's jti. */
  readonly id: string;
  readonly requestId: string;
  readonly attempt: number;
  readonly wave: number;
  /** The encoded OrderEnvelope. */
  readonly envelope: Uint8Array;
  /** `decisionsRevision` of the decisions in the envelope. */
  readonly revision: number;
  /** Version of the trust bundle by which its approvals were counted. */
  readonly trustVersion: number;
}

/** A stored order. */
export type OrderRecord = Omit<NewOrder, 'revision' | 'trustVersion'>;

/** The request and the attempt that an order is for; they never change. */
export interface OrderIdentity {
  readonly requestId: string;
  readonly requestDigest: Uint8Array;
  readonly attempt: number;
}

/** Orders and whether they went out. */
export interface OrderStore {
  /**
   * What the order `id` is about; undefined if this store did not make it. Orders that are asked for often
   * are cached.
   */
  identify(id: string): Promise<OrderIdentity | undefined>;
  /**
   * Orders of dispatched requests that the broker has not taken yet, oldest first; none of rollouts that are
   * halted.
   */
  unpublished(): Promise<readonly OrderRecord[]>;
  /** Does nothing if it is marked already: several controllers may publish one order. */
  markPublished(id: string): Promise<void>;
  /**
   * Envelopes of the orders on which `host` owes an answer and that it may still start, oldest first: of each
   * request the newest one of its wave, if that was started. Of rollouts that are paused or stopped nothing
   * is handed out.
   */
  openFor(host: string, nowMs: number, limit: number): Promise<readonly Uint8Array[]>;
  /**
   * The order `id` where `host` still owes an answer on it and may start it. Of a rollout that is paused too:
   * a host that has its order carries on. Not of a rollout that is stopped.
   */
  findOwed(id: string, host: string, nowMs: number): Promise<OrderRecord | undefined>;
}

/** How many orders are remembered; a fleet answers to a few at a time. */
const IDENTITIES_LIMIT = 64;

/**
 * Each result of a fleet names its order, and an order that was made does not change: the newest ones are
 * kept at hand.
 */
function identifier(database: Database): OrderStore['identify'] {
  const known = new Map<string, OrderIdentity>();
  const read = (id: string): Promise<OrderIdentity | undefined> =>
    database.read(db =>
      db
        .selectFrom('orders')
        .innerJoin('requests', 'requests.id', 'orders.request_id')
        .select(['requests.id as requestId', 'requests.digest as requestDigest', 'orders.attempt'])
        .where('orders.id', '=', id)
        .executeTakeFirst(),
    );
  return async id => {
    const identity = known.get(id) ?? (await read(id));
    if (!identity) return undefined;
    if (known.size >= IDENTITIES_LIMIT) known.clear();
    known.set(id, identity);
    return identity;
  };
}

/** The part of the store about orders. */
export function orderStoreOn(database: Database): OrderStore {
  return {
    identify: identifier(database),
    unpublished: () =>
      database.read(async db => {
        const rows = await db
          .selectFrom('orders')
          .innerJoin('requests', 'requests.id', 'orders.request_id')
          .innerJoin('rollouts', 'rollouts.request_id', 'orders.request_id')
          .selectAll('orders')
          .where('orders.published_at_ms', 'is', null)
          .where('requests.state', '=', 'dispatched')
          .where(goesOut)
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
          .returning(['request_id', 'wave'])
          .executeTakeFirst();
        if (!marked) return;
        const { request_id: requestId, wave } = marked;
        await beginAnswering(change, { requestId, wave });
        await change.audit({
          kind: 'order-published',
          actor: 'controller',
          requestId,
          detail: { order: id },
        });
      }),
    openFor: (host, nowMs, limit) =>
      database.read(async db => {
        const rows = await owedOrders(db, host, nowMs)
          .select('orders.envelope')
          .where(goesOut)
          .orderBy('orders.created_at_ms')
          .limit(limit)
          .execute();
        return rows.map(({ envelope }) => envelope);
      }),
    findOwed: (id, host, nowMs) =>
      database.read(async db => {
        const row = await owedOrders(db, host, nowMs)
          .selectAll('orders')
          .where('orders.id', '=', id)
          .where(eb => eb.or([eb('rollouts.state', '=', 'paused'), goesOut(eb)]))
          .executeTakeFirst();
        return row && orderOf(row);
      }),
  };
}

/**
 * Orders on which `host` owes an answer, and that are not past their life: of each request the newest one of
 * its wave.
 */
function owedOrders(db: Kysely<Schema>, host: string, nowMs: number) {
  return db
    .selectFrom('expected_hosts')
    .innerJoin('requests', 'requests.id', 'expected_hosts.request_id')
    .innerJoin('rollouts', 'rollouts.request_id', 'requests.id')
    .innerJoin('orders', join =>
      join
        .onRef('orders.request_id', '=', 'requests.id')
        .onRef('orders.wave', '=', 'expected_hosts.wave')
        .onRef('orders.attempt', '=', 'expected_hosts.attempt'),
    )
    .where('expected_hosts.host', '=', host)
    .where(OWING)
    .where('requests.state', '=', 'dispatched')
    .where('requests.expires_at_ms', '>', nowMs);
}

/** In the words of the index `expected_hosts_owing`. */
const OWING = sql<SqlBool>`(expected_hosts.outcome is null or expected_hosts.outcome = 'unreachable')`;

/**
 * Whether an order may leave: not while its rollout is halted, unless it is that of a retry since it stopped.
 */
function goesOut({ eb, and, or }: ExpressionBuilder<Schema, 'orders' | 'rollouts'>) {
  return or([
    eb('rollouts.state', 'not in', ['paused', 'stopped']),
    and([
      eb('rollouts.state', '=', 'stopped'),
      eb('rollouts.retried', '=', 1),
      eb('orders.attempt', '=', eb.ref('rollouts.attempt')),
    ]),
  ]);
}

/** Stores an order. */
export async function insertOrder(change: Change, order: NewOrder): Promise<void> {
  const { id, requestId, attempt, wave, envelope, trustVersion } = order;
  await change.trx
    .insertInto('orders')
    .values({
      ...{ id, request_id: requestId, attempt, wave, envelope },
      ...{ created_at_ms: change.nowMs, published_at_ms: null },
    })
    .execute();
  const detail = { order: id, attempt, wave, envelope: auditDigest(envelope), trust: trustVersion };
  await change.audit({ kind: 'order-made', actor: 'controller', requestId, detail });
}

function orderOf({ id, request_id, attempt, wave, envelope }: OrdersTable): OrderRecord {
  return { id, requestId: request_id, attempt, wave, envelope };
}
