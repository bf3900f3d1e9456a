import type { Kysely } from 'kysely';
import { ROLLOUT_STATES, type RolloutState } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import type { Change, Database } from '../core/index.ts';
import { isLive, type RolloutRecord, readRollout } from '../progress/index.ts';
import type { Schema } from '../schema/index.ts';
import {
  type NewAttempt,
  type OperatorAction,
  pauseRollout,
  promoteRollout,
  resumeRollout,
  retryRollout,
} from './rollout-actions.ts';
import { type RolloutStep, type StepInputs, takeStep } from './rollout-steps.ts';

/** One step of a driver. */
export interface TakeStepOptions extends StepInputs {
  readonly requestId: string;
  /** The step that was decided on. */
  readonly step: RolloutStep;
  /** Throws where this driver may not drive any more; part of the same transaction. */
  readonly fence: (change: Change) => Promise<void>;
  /** What is to be done by what the transaction reads; it is done only where that is still the same step. */
  readonly decide: (record: RolloutRecord, nowMs: number) => RolloutStep | undefined;
}

/** A person's word about a rollout, judged by what the transaction reads. */
export interface ActionOptions<T> extends OperatorAction {
  readonly requestId: string;
  /** Throws what is against it. */
  readonly decide: (record: RolloutRecord, nowMs: number) => T;
}

/** A retry with what the transaction must find for it. */
export interface RetryOptions extends OperatorAction {
  readonly requestId: string;
  /** Throws what is against it; undefined where the orders do not fit any more. */
  readonly decide: (record: RolloutRecord, nowMs: number) => NewAttempt | undefined;
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
  take(options: TakeStepOptions): Promise<boolean>;
  pause(options: ActionOptions<void>): Promise<void>;
  resume(options: ActionOptions<RolloutState>): Promise<void>;
  promote(options: ActionOptions<void>): Promise<void>;
  /** False where the orders did not fit: look again. */
  retry(options: RetryOptions): Promise<boolean>;
}

/** The part of the store about rollouts. */
export function rolloutStoreOn(database: Database): RolloutStore {
  const act = <T>(
    { requestId, decide, actor, reason }: ActionOptions<T>,
    work: (
      acting: OperatorAction & { readonly change: Change; readonly record: RolloutRecord },
      judged: T,
    ) => Promise<void>,
  ): Promise<void> =>
    database.change(async change => {
      const record = await readRollout(change.trx, requestId);
      await work({ change, record, actor, reason }, decide(record, change.nowMs));
    });
  return {
    find: requestId => database.read(db => readRollout(db, requestId)),
    live: () => database.read(live),
    take: options => database.change(change => take(change, options)),
    pause: options => act(options, pauseRollout),
    resume: options => act(options, resumeRollout),
    promote: options => act(options, promoteRollout),
    retry: ({ requestId, decide, actor, reason }) =>
      database.change(async change => {
        const record = await readRollout(change.trx, requestId);
        const retry = decide(record, change.nowMs);
        return retry !== undefined && retryRollout({ change, record, actor, reason }, retry);
      }),
  };
}

async function take(
  change: Change,
  { requestId, step, fence, decide, ...means }: TakeStepOptions,
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
