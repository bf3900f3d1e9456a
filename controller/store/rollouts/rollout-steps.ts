import { FarcallError } from '../../../shared/errors/index.ts';
import type { RolloutState } from '../../../shared/messages/index.ts';
import { storedRevision } from '../approvals/index.ts';
import { type Change, HOSTS_PER_ENTRY } from '../core/index.ts';
import { insertOrder, type NewOrder } from '../orders/index.ts';
import {
  hostNamesByOutcome,
  moveState,
  type RolloutRecord,
  readRollout,
  setRollout,
  setWave,
  waveDeltas,
} from '../progress/index.ts';
import { finishIfComplete } from '../results/index.ts';

/** How a wave ends. */
export interface WaveEnd {
  readonly verdict: 'passed' | 'failed';
  /** How many of its hosts the gate counts as failed. */
  readonly failed: number;
  /** The rollout's next state: `stopped` after a wave that failed. */
  readonly state: RolloutState;
  /** Why the gate failed; undefined if the wave passed. */
  readonly reason: string | undefined;
}

/** The writes of one step of a rollout, as `controller/rollout` decided. Each step is one transaction. */
export type RolloutWrite =
  /** Order the wave. */
  | { readonly kind: 'start-wave'; readonly wave: number }
  /**
   * A wave without hosts, or all of whose hosts have their outcomes, passed; after the last one the rollout
   * is done.
   */
  | { readonly kind: 'pass-over'; readonly wave: number; readonly isLast: boolean }
  /** Hosts of the wave without an outcome are `unreachable`. */
  | { readonly kind: 'mark-unreachable'; readonly wave: number }
  /** Every host of the wave has an outcome: it bakes, and the rollout is in `state`. */
  | { readonly kind: 'bake'; readonly wave: number; readonly untilMs: number; readonly state: RolloutState }
  /**
   * Store which hosts are unhealthy, and end the wave as `end` decides by the rollout as it is after that.
   */
  | { readonly kind: 'evaluate'; readonly wave: number; readonly end: (record: RolloutRecord) => WaveEnd }
  /** The gate failed in the middle of the wave. */
  | { readonly kind: 'fail'; readonly wave: number; readonly end: WaveEnd }
  /** The life of the request is over; the next wave does not start. */
  | { readonly kind: 'stop'; readonly wave: number; readonly reason: string };

/** Inputs of a step that were prepared outside of its transaction. */
export interface StepInputs {
  /** For `start-wave`: the signed order. */
  readonly order?: NewOrder | undefined;
  /** For `evaluate`: the hosts that are unhealthy, each with the reason. */
  readonly unhealthy?: ReadonlyMap<string, string> | undefined;
}

interface Step {
  readonly change: Change;
  /** The rollout as this transaction reads it. */
  readonly record: RolloutRecord;
  readonly inputs: StepInputs;
}

/** Writes one step of a rollout; false if a decision about the request came after its order was signed. */
export async function writeStep(step: Step, write: RolloutWrite): Promise<boolean> {
  switch (write.kind) {
    case 'start-wave':
      return startWave(step, write.wave);
    case 'pass-over':
      await passOver(step, write);
      return true;
    case 'mark-unreachable':
      await markUnreachable(step, write.wave);
      return true;
    case 'bake':
      await bake(step, write);
      return true;
    case 'evaluate':
      await evaluate(step, write);
      return true;
    case 'fail':
      await endWave(step, write.wave, write.end);
      return true;
    case 'stop':
      await stop(step, write);
      return true;
  }
}

async function startWave({ change, record, inputs }: Step, wave: number): Promise<boolean> {
  const { requestId } = record;
  const { order } = inputs;
  if (order?.wave !== wave) throw new FarcallError('INTERNAL', `there is no order for wave ${wave}`);
  if ((await storedRevision(change, requestId)) !== order.revision) return false;
  if (record.requestState !== 'dispatched' && !(await moveState(change, requestId, 'order'))) return false;
  const detail = { wave };
  const seq = await change.audit({ kind: 'wave-started', actor: 'controller', requestId, detail });
  if (record.attempt === 0)
    await insertAttempt(change, { requestId, attempt: 1, actor: 'controller', reason: '' });
  await insertOrder(change, order);
  await setWave(change, { requestId, wave }, { state: 'running', started_at_ms: change.nowMs });
  const attempt = Math.max(1, record.attempt);
  await setRollout(change, requestId, { state: 'running', wave, attempt, reason: '', seq });
  return true;
}

async function passOver(
  { change, record }: Step,
  { wave, isLast }: Extract<RolloutWrite, { kind: 'pass-over' }>,
): Promise<void> {
  const { requestId } = record;
  const detail = { wave };
  const seq = await change.audit({ kind: 'wave-passed-over', actor: 'controller', requestId, detail });
  const nowMs = change.nowMs;
  await setWave(change, { requestId, wave }, { state: 'passed', started_at_ms: nowMs, ended_at_ms: nowMs });
  await setRollout(change, requestId, { state: 'running', wave, seq });
  if (isLast) await done(change, requestId);
}

async function markUnreachable({ change, record }: Step, wave: number): Promise<void> {
  const { requestId } = record;
  const silent = await hostNamesByOutcome(change, { requestId, wave, outcomes: null });
  for (const names of chunksOf(silent.map(({ host }) => host))) {
    const detail = { wave, hosts: names };
    const seq = await change.audit({ kind: 'hosts-unreachable', actor: 'controller', requestId, detail });
    await change.trx
      .updateTable('expected_hosts')
      .set({ outcome: 'unreachable', changed_seq: seq })
      .where('request_id', '=', requestId)
      .where('host', 'in', names)
      .execute();
  }
  const deltas = waveDeltas();
  deltas.add(requestId, { wave, outcome: 'unreachable', hosts: silent.length });
  await deltas.write(change);
}

async function bake(
  { change, record }: Step,
  { wave, untilMs, state }: Extract<RolloutWrite, { kind: 'bake' }>,
): Promise<void> {
  const { requestId } = record;
  const detail = { wave, bakeUntilMs: untilMs };
  const seq = await change.audit({ kind: 'wave-answered', actor: 'controller', requestId, detail });
  await setWave(change, { requestId, wave }, { state: 'baking', bake_until_ms: untilMs });
  await setRollout(change, requestId, { state, seq });
}

async function evaluate(
  step: Step,
  { wave, end }: Extract<RolloutWrite, { kind: 'evaluate' }>,
): Promise<void> {
  await markUnhealthy(step, wave);
  const record = await readRollout(step.change.trx, step.record.requestId);
  await endWave({ ...step, record }, wave, end(record));
}

/** Hosts that are unreachable are left as they are: they count as failed already. */
async function markUnhealthy({ change, record, inputs }: Step, wave: number): Promise<void> {
  const { requestId } = record;
  const { unhealthy: reasons = new Map<string, string>() } = inputs;
  if (reasons.size === 0) return;
  const query = change.trx
    .selectFrom('expected_hosts')
    .select(['host', 'outcome', 'unhealthy'])
    .where('request_id', '=', requestId)
    .where('wave', '=', wave)
    .where('outcome', 'is not', null)
    .where('outcome', '!=', 'unreachable');
  const rows = (await query.orderBy('host').execute()).filter(({ host }) => reasons.has(host));
  const deltas = waveDeltas();
  for (const chunk of chunksOf(rows)) {
    const hosts = chunk.map(({ host }): [string, string] => [host, reasons.get(host) ?? '']);
    const detail = { wave, hosts };
    const seq = await change.audit({ kind: 'hosts-unhealthy', actor: 'controller', requestId, detail });
    for (const { host, outcome, unhealthy } of chunk) {
      await change.trx
        .updateTable('expected_hosts')
        .set({ unhealthy: reasons.get(host) ?? '', changed_seq: seq })
        .where('request_id', '=', requestId)
        .where('host', '=', host)
        .execute();
      if (outcome !== null && unhealthy === null)
        deltas.add(requestId, { wave, outcome, hosts: 0, unhealthy: 1 });
    }
  }
  await deltas.write(change);
}

async function endWave(step: Step, wave: number, { verdict, failed, state, reason }: WaveEnd): Promise<void> {
  const { change, record } = step;
  const { requestId } = record;
  const ended = record.waves[wave - 1];
  if (!ended) throw new FarcallError('INTERNAL', `request ${requestId} has no wave ${wave}`);
  const seq = await change.audit({
    kind: 'wave-ended',
    actor: 'controller',
    requestId,
    detail: {
      ...{ wave, verdict, state, failed },
      outcomes: Object.fromEntries(ended.tallies.map(({ outcome, hosts }) => [outcome, hosts])),
      unhealthy: ended.tallies.reduce((sum, { unhealthy }) => sum + unhealthy, 0),
    },
  });
  await setWave(change, { requestId, wave }, { state: verdict, ended_at_ms: change.nowMs });
  await setRollout(change, requestId, { state, seq });
  if (reason !== undefined) await stop(step, { wave, reason });
  else if (state === 'done') await done(change, requestId);
}

async function stop(
  { change, record }: Step,
  { wave, reason }: { readonly wave: number; readonly reason: string },
): Promise<void> {
  const { requestId } = record;
  const detail = { wave, reason };
  const seq = await change.audit({ kind: 'rollout-stopped', actor: 'controller', requestId, detail });
  await setRollout(change, requestId, { state: 'stopped', reason, retried: 0, seq });
  await finishIfComplete(change, requestId, 'settled');
}

async function done(change: Change, requestId: string): Promise<void> {
  const seq = await change.audit({ kind: 'rollout-done', actor: 'controller', requestId, detail: {} });
  await setRollout(change, requestId, { state: 'done', reason: '', retried: 0, seq });
  await finishIfComplete(change, requestId, 'settled');
}

/** Stores an attempt; its orders come after it. */
export async function insertAttempt(
  { trx, nowMs }: Change,
  attempt: {
    readonly requestId: string;
    readonly attempt: number;
    readonly actor: string;
    readonly reason: string;
    readonly only?: string;
  },
): Promise<void> {
  const { requestId, actor, reason, only = '' } = attempt;
  await trx
    .insertInto('attempts')
    .values({
      ...{ request_id: requestId, attempt: attempt.attempt, actor, reason },
      ...{ only_outcomes: only, made_at_ms: nowMs },
    })
    .execute();
}

/** `items` in lists that are short enough for one entry of the audit log. */
export function chunksOf<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < items.length; from += HOSTS_PER_ENTRY)
    chunks.push(items.slice(from, from + HOSTS_PER_ENTRY));
  return chunks;
}
