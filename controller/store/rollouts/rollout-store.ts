import type { Kysely } from 'kysely';
import { ROLLOUT_STATES, type RolloutState } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import type { Change, Database } from '../core/index.ts';
import { isLive, type RolloutRecord, readRollout } from '../progress/index.ts';
import type { Schema } from '../schema/index.ts';
import {
  type PersonsAct,
  pauseRollout,
  promoteRollout,
  type Retry,
  resumeRollout,
  retryRollout,
} from './rollout-actions.ts';
import { type RolloutStep, type StepMeans, takeStep } from './rollout-steps.ts';

/** One step of a driver. */
export interface StepWish extends StepMeans {
  readonly requestId: string;
  /** The step that was decided on. */
  readonly step: RolloutStep;
  /** Throws where this driver may not drive any more; part of the same transaction. */
  readonly fence: (change: Change) => Promise<void>;
  /** What is to be done by what the transaction reads; it is done only where that is still the same step. */
  readonly decide: (record: RolloutRecord, nowMs: number) => RolloutStep | undefined;
}

/** A person's word about a rollout, judged by what the transaction reads. */
export interface ActWish<T> extends PersonsAct {
  readonly requestId: string;
  /** Throws what is against it. */
  readonly judge: (record: RolloutRecord, nowMs: number) => T;
}

/** A retry with what the transaction must find for it. */
export interface RetryWish extends PersonsAct {
  readonly requestId: string;
  /** Throws what is against it; undefined where the orders do not fit any more. */
  readonly judge: (record: RolloutRecord, nowMs: number) => Retry | undefined;
}

/** An attempt at a request. */
export interface AttemptRecord {
  readonly attempt: number;
  readonly only: readonly Outcome[];
}

/** How requests go through their hosts. */
export interface RolloutStore {
  /** Throws NOT_FOUND. */
  find(requestId: string): Promise<RolloutRecord>;
  /** Requests whose rollouts may need a step by now or later, oldest change first. */
  live(): Promise<readonly string[]>;
  /** Takes a step, once; false where the facts ask for another one by now. Throws what `fence` throws. */
  take(wish: StepWish): Promise<boolean>;
  pause(wish: ActWish<void>): Promise<void>;
  resume(wish: ActWish<RolloutState>): Promise<void>;
  promote(wish: ActWish<void>): Promise<void>;
  /** False where the orders did not fit: look again. */
  retry(wish: RetryWish): Promise<boolean>;
}

/** The part of the store about rollouts. */
export function rolloutStoreOn(database: Database): RolloutStore {
  const act = <T>(
    { requestId, judge, actor, reason }: ActWish<T>,
    work: (
      acting: PersonsAct & { readonly change: Change; readonly record: RolloutRecord },
      judged: T,
    ) => Promise<void>,
  ): Promise<void> =>
    database.change(async change => {
      const record = await readRollout(change.trx, requestId);
      await work({ change, record, actor, reason }, judge(record, change.nowMs));
    });
  return {
    find: requestId => database.read(db => readRollout(db, requestId)),
    live: () => database.read(live),
    take: wish => database.change(change => take(change, wish)),
    pause: wish => act(wish, pauseRollout),
    resume: wish => act(wish, resumeRollout),
    promote: wish => act(wish, promoteRollout),
    retry: ({ requestId, judge, actor, reason }) =>
      database.change(async change => {
        const record = await readRollout(change.trx, requestId);
        const retry = judge(record, change.nowMs);
        return retry !== undefined && retryRollout({ change, record, actor, reason }, retry);
      }),
  };
}

async function take(
  change: Change,
  { requestId, step, fence, decide, ...means }: StepWish,
): Promise<boolean> {
  await fence(change);
  const record = await readRollout(change.trx, requestId);
  const now = decide(record, change.nowMs);
  if (now?.kind !== step.kind || now.wave !== step.wave) return false;
  return takeStep({ change, record, means }, now);
}

/** As {@link isLive}, by the states that can be live at all. */
async function live(db: Kysely<Schema>): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('rollouts')
    .innerJoin('requests', 'requests.id', 'rollouts.request_id')
    .select(['request_id', 'rollouts.state', 'requests.state as requestState'])
    .where(
      'rollouts.state',
      'in',
      ROLLOUT_STATES.filter(state => state !== 'done' && state !== 'aborted'),
    )
    .where('requests.state', 'in', ['approved', 'dispatched', 'finished'])
    .orderBy('changed_seq')
    .execute();
  return rows.filter(isLive).map(({ request_id }) => request_id);
}
