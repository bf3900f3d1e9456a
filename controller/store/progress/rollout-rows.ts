import type { RolloutState } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import type { Slice } from '../../../shared/targets/index.ts';
import type { Change } from '../core/index.ts';
import type { RolloutsTable, WavesTable } from '../schema/index.ts';

/** A wave of a request that is being made. */
export interface NewWave {
  readonly hosts: number;
  readonly slice: Slice;
  /** Whether it bakes, or is looked at, after its last host answered. */
  readonly watched: boolean;
}

/** How a request that is being made goes through its hosts. */
export interface NewRollout {
  /** In their order; the first is wave 1. */
  readonly waves: readonly NewWave[];
  readonly answerWithinMs: number;
}

/** Writes the rollout of a new request; `seq` is the entry that records it. */
export async function insertRollout(
  { trx, nowMs }: Change,
  requestId: string,
  { waves, answerWithinMs, seq }: NewRollout & { readonly seq: number },
): Promise<void> {
  await trx
    .insertInto('rollouts')
    .values({
      ...{ request_id: requestId, state: 'waiting', wave: 0, attempt: 0, retried: 0, reason: '' },
      ...{ answer_within_ms: answerWithinMs, changed_at_ms: nowMs, changed_seq: seq },
    })
    .execute();
  await trx
    .insertInto('waves')
    .values(
      waves.map(({ hosts, slice, watched }, index) => ({
        ...{ request_id: requestId, number: index + 1, state: 'pending' as const, hosts },
        ...{ slice_from: slice.from, slice_to: slice.to, watched: watched ? 1 : 0 },
        ...{ started_at_ms: null, answer_by_ms: null, bake_until_ms: null, ended_at_ms: null },
      })),
    )
    .execute();
}

type RolloutChange = Partial<Pick<RolloutsTable, 'state' | 'wave' | 'attempt' | 'retried' | 'reason'>>;

/** Changes a rollout; `seq` is the entry that records it. */
export async function setRollout(
  { trx, nowMs }: Change,
  requestId: string,
  { seq, ...changed }: RolloutChange & { readonly seq: number },
): Promise<void> {
  await trx
    .updateTable('rollouts')
    .set({ ...changed, changed_at_ms: nowMs, changed_seq: seq })
    .where('request_id', '=', requestId)
    .execute();
}

/** Ends a rollout whose request came to its end in another way; `seq` is the entry that records it. */
export function endRollout(
  change: Change,
  requestId: string,
  end: { readonly state: Extract<RolloutState, 'aborted' | 'stopped'>; readonly seq: number },
): Promise<void> {
  return setRollout(change, requestId, { ...end, retried: 0, reason: '' });
}

type WaveChange = Partial<
  Pick<WavesTable, 'state' | 'started_at_ms' | 'answer_by_ms' | 'bake_until_ms' | 'ended_at_ms'>
>;

/** Changes one wave. */
export async function setWave(
  { trx }: Change,
  { requestId, wave }: { readonly requestId: string; readonly wave: number },
  changed: WaveChange,
): Promise<void> {
  await trx
    .updateTable('waves')
    .set(changed)
    .where('request_id', '=', requestId)
    .where('number', '=', wave)
    .execute();
}

/** The answering time of a wave begins: its order is out. */
export async function beginAnswering(
  { trx, nowMs }: Change,
  { requestId, wave }: { readonly requestId: string; readonly wave: number },
): Promise<void> {
  await trx
    .updateTable('waves')
    .set(({ selectFrom, eb }) => ({
      answer_by_ms: eb(
        selectFrom('rollouts').select('answer_within_ms').where('request_id', '=', requestId),
        '+',
        nowMs,
      ),
    }))
    .where('request_id', '=', requestId)
    .where('number', '=', wave)
    .execute();
}

/** Whether a wave of the request is still under way that is watched after its last host answered. */
export async function isWatched({ trx }: Change, requestId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('waves')
    .innerJoin('rollouts', 'rollouts.request_id', 'waves.request_id')
    .select('waves.number')
    .where('waves.request_id', '=', requestId)
    .where('watched', '=', 1)
    .where('waves.state', 'in', ['running', 'baking'])
    .where('rollouts.state', 'in', ['running', 'baking'])
    .executeTakeFirst();
  return row !== undefined;
}

/** Names of the hosts of a wave with one of these outcomes, or with none, by name. */
export async function hostNamesByOutcome(
  { trx }: Change,
  {
    requestId,
    wave,
    outcomes,
  }: { readonly requestId: string; readonly wave: number; readonly outcomes: readonly Outcome[] | null },
): Promise<
  readonly { readonly host: string; readonly outcome: Outcome | null; readonly unhealthy: string | null }[]
> {
  const query = trx
    .selectFrom('expected_hosts')
    .select(['host', 'outcome', 'unhealthy'])
    .where('request_id', '=', requestId)
    .where('wave', '=', wave);
  const found =
    outcomes === null ? query.where('outcome', 'is', null) : query.where('outcome', 'in', outcomes);
  return found.orderBy('host').execute();
}
