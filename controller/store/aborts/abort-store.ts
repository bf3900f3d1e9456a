import { FarcallError } from '../../../shared/errors/index.ts';
import { abortEnvelopeCodec, callRequestCodec } from '../../../shared/messages/index.ts';
import { auditDigest, type Change, type Database } from '../core/index.ts';
import { endRollout, moveState } from '../progress/index.ts';
import { finishIfComplete, giveUpHosts } from '../results/index.ts';
import type { AbortsTable } from '../schema/index.ts';
import { type AbortSpread, keepStatements, type NewAbortStatement, readSpread } from './abort-statements.ts';

/** An abort that was verified. */
export interface NewAbort {
  readonly requestId: string;
  readonly by: string;
  readonly reason: string;
  /** The encoded AbortEnvelope. */
  readonly envelope: Uint8Array;
  /** Who handed it in. */
  readonly submittedBy: string;
  /** Version of the trust bundle by which it was verified. */
  readonly trustVersion: number;
  /** Whether the request denies something, so that there is something to end when it is over. */
  readonly endsDenies?: boolean;
}

/** A stored abort. */
export interface AbortRecord {
  readonly requestId: string;
  readonly by: string;
  readonly reason: string;
  readonly envelope: Uint8Array;
  readonly atMs: number;
  /** When the request was over; undefined until every host has its outcome. */
  readonly endedAtMs: number | undefined;
}

/** Aborts and whether they went out. */
export interface AbortStore {
  /**
   * Aborts a request. Hosts that were not ordered are `not-ordered` from then on, and a request of which no
   * host was ordered is over; the other hosts still owe their outcomes. Of a request that is finished the
   * denies end, if it has any, and nothing else changes. Throws CONFLICT if the request is over otherwise, or
   * aborted already.
   */
  add(abort: NewAbort): Promise<void>;
  find(requestId: string): Promise<AbortRecord | undefined>;
  /** Aborts that the broker has not taken yet, oldest first. */
  unpublished(): Promise<readonly AbortRecord[]>;
  /** Does nothing if it is marked already: several controllers may publish one abort. */
  markPublished(requestId: string): Promise<void>;
  /** Keeps what hosts say about aborts, in one transaction: see {@link keepStatements}. */
  obey(statements: readonly NewAbortStatement[]): Promise<void>;
  /** How far the abort of a request has come among its hosts. */
  spread(requestId: string): Promise<AbortSpread>;
  /**
   * Envelopes of aborts of requests that `host` could still start, or whose denies it may have, and of which
   * it has not said that it obeys them, oldest first.
   */
  openFor(host: string, nowMs: number, limit: number): Promise<readonly Uint8Array[]>;
}

/** The part of the store about aborts. */
export function abortStoreOn(database: Database): AbortStore {
  return {
    add: abort => database.change(change => add(change, abort)),
    find: requestId =>
      database.read(async db => {
        const query = db.selectFrom('aborts').selectAll().where('request_id', '=', requestId);
        const row = await query.executeTakeFirst();
        return row && recordOf(row);
      }),
    unpublished: () =>
      database.read(async db => {
        const query = db.selectFrom('aborts').selectAll().where('published_at_ms', 'is', null);
        return (await query.orderBy('created_at_ms').execute()).map(recordOf);
      }),
    markPublished: requestId =>
      database.change(async change => {
        const { trx, nowMs } = change;
        const update = trx.updateTable('aborts').set({ published_at_ms: nowMs });
        const { numUpdatedRows } = await update
          .where('request_id', '=', requestId)
          .where('published_at_ms', 'is', null)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows > 0n)
          await change.audit({ kind: 'abort-published', actor: 'controller', requestId, detail: {} });
      }),
    obey: statements => database.change(change => keepStatements(change, statements)),
    spread: requestId => database.read(db => readSpread(db, requestId)),
    openFor: (host, nowMs, limit) =>
      database.read(async db => {
        const rows = await db
          .selectFrom('aborts')
          .innerJoin('requests', 'requests.id', 'aborts.request_id')
          .innerJoin('expected_hosts', 'expected_hosts.request_id', 'requests.id')
          .leftJoin('abort_statements', join =>
            join
              .onRef('abort_statements.request_id', '=', 'aborts.request_id')
              .onRef('abort_statements.host', '=', 'expected_hosts.host'),
          )
          .select(['aborts.envelope', 'requests.expires_at_ms'])
          .where('expected_hosts.host', '=', host)
          .where('abort_statements.host', 'is', null)
          .where('requests.expires_at_ms', '>', nowMs - LONGEST_DENY_MS)
          .orderBy('aborts.created_at_ms')
          .execute();
        return rows
          .filter(row => row.expires_at_ms > nowMs || deniesIn(row.envelope))
          .map(({ envelope }) => envelope)
          .slice(0, limit);
      }),
  };
}

/** As long as a deny may live after its request has expired. */
const LONGEST_DENY_MS = 30 * 24 * 3_600_000;

function deniesIn(envelope: Uint8Array): boolean {
  return callRequestCodec.decode(abortEnvelopeCodec.decode(envelope).request).effect === 'deny';
}

async function add(
  change: Change,
  { requestId, by, reason, envelope, submittedBy, trustVersion, endsDenies }: NewAbort,
): Promise<void> {
  const { trx, nowMs } = change;
  const request = await trx
    .selectFrom('requests')
    .select('state')
    .where('id', '=', requestId)
    .executeTakeFirst();
  const wasOrdered = request?.state === 'dispatched';
  const isFinished =
    request?.state === 'finished' && endsDenies === true && !(await isAborted(change, requestId));
  if (!wasOrdered && !isFinished && !['pending', 'rejected', 'approved'].includes(request?.state ?? ''))
    throw new FarcallError(
      'CONFLICT',
      `request ${requestId} is ${request?.state ?? 'unknown'}; there is nothing to stop`,
    );
  await trx
    .insertInto('aborts')
    .values({
      ...{ request_id: requestId, aborter: by, reason, envelope },
      ...{ created_at_ms: nowMs, published_at_ms: null, ended_at_ms: null },
    })
    .execute();
  const detail = { submittedBy, envelope: auditDigest(envelope), trust: trustVersion };
  const seq = await change.audit({ kind: 'abort-made', actor: by, requestId, detail });
  if (isFinished) return;
  await endRollout(change, requestId, { state: 'aborted', seq });
  await giveUpHosts(change, requestId, 'not-ordered');
  if (!wasOrdered) return finishIfComplete(change, requestId, 'abort');
  await moveState(change, requestId, 'abort');
  await finishIfComplete(change, requestId, 'settled');
}

async function isAborted({ trx }: Change, requestId: string): Promise<boolean> {
  const known = trx.selectFrom('aborts').select('request_id').where('request_id', '=', requestId);
  return (await known.executeTakeFirst()) !== undefined;
}

function recordOf(row: AbortsTable): AbortRecord {
  const { request_id, aborter, reason, envelope, created_at_ms, ended_at_ms } = row;
  return {
    ...{ requestId: request_id, by: aborter, reason, envelope, atMs: created_at_ms },
    endedAtMs: ended_at_ms ?? undefined,
  };
}
