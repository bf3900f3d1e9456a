import type { Kysely } from 'kysely';
import { FarcallError } from '../../../shared/errors/index.ts';
import { auditDigest, type Change, type Database } from '../core/index.ts';
import type { EmergenciesTable, ReviewsTable, Schema } from '../schema/index.ts';

/** How an approved emergency must be reviewed, by the trust bundle of that moment. */
export interface NewEmergency {
  /** Until when, in milliseconds since the epoch. */
  readonly dueAtMs: number;
  /** By how many people. */
  readonly reviewers: number;
}

/** Whether a reviewer finds that the emergency was one. */
export type ReviewVerdict = 'accept' | 'object';

/** A review that was verified. */
export interface NewReview {
  readonly requestId: string;
  readonly reviewer: string;
  readonly verdict: ReviewVerdict;
  readonly reason: string;
  readonly token: string;
  /** Who handed it in. */
  readonly submittedBy: string;
  /** Version of the trust bundle by which it was verified. */
  readonly trustVersion: number;
}

/** A stored review. */
export interface ReviewRecord {
  readonly reviewer: string;
  readonly verdict: ReviewVerdict;
  readonly reason: string;
  readonly atMs: number;
}

/** An approved request of the policy `emergency`, and its reviews in the order in which they came. */
export interface EmergencyRecord {
  readonly requestId: string;
  readonly begunAtMs: number;
  readonly dueAtMs: number;
  readonly reviewers: number;
  /** When enough people had reviewed it; undefined as long as they have not. */
  readonly reviewedAtMs: number | undefined;
  /** When it was noticed that the reviews did not come in time. */
  readonly overdueAtMs: number | undefined;
  readonly reviews: readonly ReviewRecord[];
}

/** Emergencies and their reviews. */
export interface EmergencyStore {
  find(requestId: string): Promise<EmergencyRecord | undefined>;
  /** Those without enough reviews, the one that is due first before others; at most `limit`. */
  unreviewed(limit: number): Promise<readonly EmergencyRecord[]>;
  /** How many lack reviews, and how many of these are past their time. */
  counts(nowMs: number): Promise<{ readonly unreviewed: number; readonly overdue: number }>;
  /** Throws NOT_FOUND if the request is no approved emergency, CONFLICT if this person reviewed it before. */
  review(review: NewReview): Promise<void>;
  /** Records once for each emergency that its reviews did not come in time; returns their requests. */
  noteOverdue(nowMs: number): Promise<readonly string[]>;
}

/** The part of the store about emergencies. */
export function emergencyStoreOn(database: Database): EmergencyStore {
  return {
    find: requestId =>
      database.read(async db => {
        const row = await db
          .selectFrom('emergencies')
          .selectAll()
          .where('request_id', '=', requestId)
          .executeTakeFirst();
        return row && recordOf(row, await reviewsOf(db, [requestId]));
      }),
    unreviewed: limit =>
      database.read(async db => {
        const rows = await db
          .selectFrom('emergencies')
          .selectAll()
          .where('reviewed_at_ms', 'is', null)
          .orderBy('due_at_ms')
          .orderBy('request_id')
          .limit(limit)
          .execute();
        const reviews = await reviewsOf(
          db,
          rows.map(({ request_id }) => request_id),
        );
        return rows.map(row => recordOf(row, reviews));
      }),
    counts: nowMs =>
      database.read(async db => {
        const open = db.selectFrom('emergencies').where('reviewed_at_ms', 'is', null);
        const count = async (query: typeof open): Promise<number> =>
          Number(
            (await query.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow())
              .count,
          );
        return { unreviewed: await count(open), overdue: await count(open.where('due_at_ms', '<=', nowMs)) };
      }),
    review: review => database.change(change => addReview(change, review)),
    async noteOverdue(nowMs) {
      // Looked at often, and hardly ever true: nothing is locked for the question.
      const due = await database.read(db => overdueIn(db, nowMs));
      return due.length === 0 ? [] : database.change(change => noteOverdue(change, nowMs));
    },
  };
}

/** Records that a request of the policy `emergency` was approved, in the change that approves it. */
export async function beginEmergency(
  { trx, nowMs, audit }: Change,
  requestId: string,
  { dueAtMs, reviewers }: NewEmergency,
): Promise<void> {
  await trx
    .insertInto('emergencies')
    .values({
      ...{ request_id: requestId, begun_at_ms: nowMs, due_at_ms: dueAtMs, reviewers },
      ...{ reviewed_at_ms: null, overdue_at_ms: null },
    })
    .execute();
  await audit({ kind: 'emergency-begun', actor: 'controller', requestId, detail: { dueAtMs, reviewers } });
}

async function addReview({ trx, nowMs, audit }: Change, review: NewReview): Promise<void> {
  const { requestId, reviewer, verdict, reason, token, submittedBy, trustVersion } = review;
  const row = await trx
    .selectFrom('emergencies')
    .selectAll()
    .where('request_id', '=', requestId)
    .executeTakeFirst();
  if (!row) throw new FarcallError('NOT_FOUND', `request ${requestId} is no emergency that was approved`);
  const before = await reviewsOf(trx, [requestId]);
  if (before.some(each => each.reviewer === reviewer))
    throw new FarcallError('CONFLICT', `${reviewer} has reviewed request ${requestId} already`);
  await trx
    .insertInto('reviews')
    .values({ request_id: requestId, reviewer, verdict, reason, token, submitted_at_ms: nowMs })
    .execute();
  const isLast = row.reviewed_at_ms === null && before.length + 1 >= row.reviewers;
  if (isLast)
    await trx
      .updateTable('emergencies')
      .set({ reviewed_at_ms: nowMs })
      .where('request_id', '=', requestId)
      .execute();
  const detail = { submittedBy, token: auditDigest(token), trust: trustVersion, verdict, enough: isLast };
  await audit({ kind: 'emergency-reviewed', actor: reviewer, requestId, detail });
}

/** Most emergencies that one change records as overdue. */
const OVERDUE_PAGE = 100;

async function overdueIn(db: Kysely<Schema>, nowMs: number): Promise<string[]> {
  const rows = await db
    .selectFrom('emergencies')
    .select('request_id')
    .where('reviewed_at_ms', 'is', null)
    .where('overdue_at_ms', 'is', null)
    .where('due_at_ms', '<=', nowMs)
    .orderBy('due_at_ms')
    .limit(OVERDUE_PAGE)
    .execute();
  return rows.map(({ request_id }) => request_id);
}

async function noteOverdue({ trx, nowMs: at, audit }: Change, nowMs: number): Promise<readonly string[]> {
  const ids = await overdueIn(trx, nowMs);
  for (const requestId of ids) {
    await trx
      .updateTable('emergencies')
      .set({ overdue_at_ms: at })
      .where('request_id', '=', requestId)
      .execute();
    await audit({ kind: 'emergency-overdue', actor: 'controller', requestId, detail: {} });
  }
  return ids;
}

async function reviewsOf(db: Kysely<Schema>, ids: readonly string[]): Promise<readonly ReviewsTable[]> {
  if (ids.length === 0) return [];
  return db
    .selectFrom('reviews')
    .selectAll()
    .where('request_id', 'in', [...ids])
    .orderBy('submitted_at_ms')
    .orderBy('reviewer')
    .execute();
}

function recordOf(row: EmergenciesTable, reviews: readonly ReviewsTable[]): EmergencyRecord {
  return {
    requestId: row.request_id,
    begunAtMs: row.begun_at_ms,
    dueAtMs: row.due_at_ms,
    reviewers: row.reviewers,
    reviewedAtMs: row.reviewed_at_ms ?? undefined,
    overdueAtMs: row.overdue_at_ms ?? undefined,
    reviews: reviews
      .filter(({ request_id }) => request_id === row.request_id)
      .map(({ reviewer, verdict, reason, submitted_at_ms: atMs }) => ({ reviewer, verdict, reason, atMs })),
  };
}
