import type { Kysely } from 'kysely';
import type { RequestState, RolloutState } from '../../../shared/messages/index.ts';
import type { Change, Database } from '../core/index.ts';
import { type RolloutRecord, readRollout } from '../progress/index.ts';
import type { Schema } from '../schema/index.ts';
import {
  type NewAttempt,
  type OperatorAction,
  type PendingAction,
  pauseRollout,
  promoteRollout,
  type Resumption,
  resumeRollout,
  retryRollout,
} from './rollout-actions.ts';
import { type RolloutWrite, type StepInputs, writeStep } from './rollout-steps.ts';

/** One step of a driver. */
export interface TakeStepOptions extends StepInputs {
  readonly requestId: string;
  /** The step that the driver decided on, and for which the inputs were prepared. */
  readonly step: Pick<RolloutWrite, 'kind' | 'wave'>;
  /** Throws LEASE_LOST if another controller drives by now; part of the same transaction. */
  readonly fence: (change: Change) => Promise<void>;
  /** Decides again, by what the transaction reads. Nothing is written unless that is still the same step. */
  readonly decide: (record: RolloutRecord, nowMs: number) => RolloutWrite | undefined;
}

/** An operator's action on a rollout. */
export interface ActionOptions<T> extends OperatorAction {
  readonly requestId: string;
  /** Decides what to write, by what the transaction reads. Throws if the action is not possible then. */
  readonly decide: (record: RolloutRecord, nowMs: number) => T;
}

/** State of a rollout and of its request. */
export interface RolloutStatus {
  readonly requestId: string;
  readonly state: RolloutState;
  readonly requestState: RequestState;
}

/** Rollouts. What happens to them is decided by `controller/rollout`, and written here. */
export interface RolloutStore {
  /** Throws NOT_FOUND. */
  find(requestId: string): Promise<RolloutRecord>;
  /** All that are neither done nor aborted, the one that changed longest ago first. */
  open(): Promise<readonly RolloutStatus[]>;
  /** Takes a step, once; false if another one is next by now. Throws what `fence` throws. */
  take(options: TakeStepOptions): Promise<boolean>;
  pause(options: ActionOptions<void>): Promise<void>;
  resume(options: ActionOptions<Resumption>): Promise<void>;
  promote(options: ActionOptions<void>): Promise<void>;
  /** False if the orders do not fit any more, which `decide` says by returning undefined: sign them again. */
  retry(options: ActionOptions<NewAttempt | undefined>): Promise<boolean>;
}

/** The part of the store about rollouts. */
export function rolloutStoreOn(database: Database): RolloutStore {
  const applyAction = <T, R>(
    { requestId, decide, ...action }: ActionOptions<T>,
    write: (action: PendingAction, decided: T) => Promise<R>,
  ): Promise<R> =>
    database.change(async change => {
      const record = await readRollout(change.trx, requestId);
      return write({ change, record, ...action }, decide(record, change.nowMs));
    });
  return {
    find: requestId => database.read(db => readRollout(db, requestId)),
    open: () => database.read(readOpen),
    take: options => database.change(change => take(change, options)),
    pause: options => applyAction(options, pauseRollout),
    resume: options => applyAction(options, resumeRollout),
    promote: options => applyAction(options, promoteRollout),
    retry: options =>
      applyAction(
        options,
        async (action, retry) => retry !== undefined && (await retryRollout(action, retry)),
      ),
  };
}

async function take(
  change: Change,
  { requestId, step, fence, decide, ...inputs }: TakeStepOptions,
): Promise<boolean> {
  await fence(change);
  const record = await readRollout(change.trx, requestId);
  const write = decide(record, change.nowMs);
  if (write?.kind !== step.kind || write.wave !== step.wave) return false;
  return writeStep({ change, record, inputs }, write);
}

async function readOpen(db: Kysely<Schema>): Promise<readonly RolloutStatus[]> {
  return db
    .selectFrom('rollouts')
    .innerJoin('requests', 'requests.id', 'rollouts.request_id')
    .select(['request_id as requestId', 'rollouts.state', 'requests.state as requestState'])
    .where('rollouts.state', 'not in', ['done', 'aborted'])
    .orderBy('changed_seq')
    .execute();
}
