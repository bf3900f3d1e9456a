import { FarcallError } from '../../../shared/errors/index.ts';
import type { Rollout, RolloutState } from '../../../shared/messages/index.ts';
import { failedHosts, passedLimit } from '../../../shared/rollout/index.ts';
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
  type WaveRecord,
  waveDeltas,
} from '../progress/index.ts';
import { finishIfComplete } from '../results/index.ts';

/** What is to be done next with a rollout. Each is one transaction. */
export type RolloutStep =
  /** Order the wave. */
  | { readonly kind: 'start-wave'; readonly wave: number }
  /** A wave without hosts, or whose hosts all have their outcomes: it has passed. */
  | { readonly kind: 'pass-over'; readonly wave: number }
  /** The time to answer is over: hosts of the wave without an outcome are `unreachable`. */
  | { readonly kind: 'mark-unreachable'; readonly wave: number }
  /** Every host of the wave has an outcome; wait, and look. */
  | { readonly kind: 'bake'; readonly wave: number; readonly untilMs: number }
  /** Look at the wave's hosts, and let the gate say whether it passed. */
  | { readonly kind: 'evaluate'; readonly wave: number }
  /** The gate failed in the middle of the wave. */
  | { readonly kind: 'fail'; readonly wave: number; readonly reason: string }
  /** The life of the request is over, and the next wave will never be. */
  | { readonly kind: 'stop'; readonly wave: number; readonly reason: string };

/** What was found out outside of the transaction that a step needs. */
export interface StepInputs {
  /** What approvers signed. */
  readonly spec: Rollout;
  /** For `start-wave`: the signed order. */
  readonly order?: NewOrder | undefined;
  /** For `judge`: hosts that are unwell, and why. */
  readonly unwell?: ReadonlyMap<string, string> | undefined;
}

interface Stepping {
  readonly change: Change;
  readonly record: RolloutRecord;
  readonly means: StepInputs;
}

/**
 * Makes one step of the rollout in `record`, as it is in this transaction; false where somebody decided
 * otherwise since.
 */
export async function takeStep(stepping: Stepping, step: RolloutStep): Promise<boolean> {
  switch (step.kind) {
    case 'start-wave':
      return startWave(stepping, step.wave);
    case 'pass-over':
      await passOver(stepping, step.wave);
      return true;
    case 'mark-unreachable':
      await markUnreachable(stepping, step.wave);
      return true;
    case 'bake':
      await bake(stepping, step);
      return true;
    case 'evaluate':
      await evaluate(stepping, step.wave);
      return true;
    case 'fail':
      await endWave(stepping, { wave: step.wave, problem: step.reason });
      return true;
    case 'stop':
      await stop(stepping, step);
      return true;
  }
}

async function startWave({ change, record, means }: Stepping, wave: number): Promise<boolean> {
  const { requestId } = record;
  const { order } = means;
  if (order?.wave !== wave) throw new FarcallError('INTERNAL', `there is no order for wave ${wave}`);
  if ((await storedRevision(change, requestId)) !== order.revision) return false;
  if (record.requestState !== 'dispatched' && !(await moveState(change, requestId, 'order'))) return false;
  const seq = await change.audit({
    ...{ kind: 'wave-started', actor: 'controller', requestId, detail: { wave } },
  });
  if (record.attempt === 0)
    await insertAttempt(change, { requestId, attempt: 1, actor: 'controller', reason: '' });
  await insertOrder(change, order);
  await setWave(change, { requestId, wave }, { state: 'running', started_at_ms: change.nowMs });
  const attempt = Math.max(1, record.attempt);
  await setRollout(change, requestId, { state: 'running', wave, attempt, reason: '', seq });
  return true;
}

async function passOver({ change, record }: Stepping, wave: number): Promise<void> {
  const { requestId } = record;
  const seq = await change.audit({
    ...{ kind: 'wave-passed-over', actor: 'controller', requestId, detail: { wave } },
  });
  const nowMs = change.nowMs;
  await setWave(change, { requestId, wave }, { state: 'passed', started_at_ms: nowMs, ended_at_ms: nowMs });
  await setRollout(change, requestId, { state: 'running', wave, seq });
  if (wave === record.waves.length) await done(change, requestId);
}

async function markUnreachable({ change, record }: Stepping, wave: number): Promise<void> {
  const { requestId } = record;
  const silent = await hostNamesByOutcome(change, { requestId, wave, outcomes: null });
  for (const names of chunksOf(silent.map(({ host }) => host))) {
    const seq = await change.audit({
      ...{ kind: 'hosts-unreachable', actor: 'controller', requestId, detail: { wave, hosts: names } },
    });
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
  { change, record }: Stepping,
  { wave, untilMs }: Extract<RolloutStep, { kind: 'bake' }>,
): Promise<void> {
  const { requestId } = record;
  const detail = { wave, bakeUntilMs: untilMs };
  const seq = await change.audit({ kind: 'wave-answered', actor: 'controller', requestId, detail });
  await setWave(change, { requestId, wave }, { state: 'baking', bake_until_ms: untilMs });
  const others = record.waves.filter(({ number }) => number !== wave);
  const state = others.some(each => each.state === 'running') ? 'running' : 'baking';
  await setRollout(change, requestId, { state, seq });
}

async function evaluate(stepping: Stepping, wave: number): Promise<void> {
  const { change, record, means } = stepping;
  await noteUnwell(stepping, wave);
  const after = await readRollout(change.trx, record.requestId);
  const judged = after.waves[wave - 1];
  const { gate } = means.spec;
  const problem = judged && passedLimit(gate, failedHosts(gate, judged.tallies), judged.hosts);
  await endWave({ ...stepping, record: after }, { wave, problem: problem && `wave ${wave}: ${problem}` });
}

/** Of hosts that are unreachable nothing more is said: they count as failed already. */
async function noteUnwell({ change, record, means }: Stepping, wave: number): Promise<void> {
  const { requestId } = record;
  const { unwell = new Map<string, string>() } = means;
  if (unwell.size === 0) return;
  const query = change.trx
    .selectFrom('expected_hosts')
    .select(['host', 'outcome', 'unhealthy'])
    .where('request_id', '=', requestId)
    .where('wave', '=', wave)
    .where('outcome', 'is not', null)
    .where('outcome', '!=', 'unreachable');
  const rows = (await query.orderBy('host').execute()).filter(({ host }) => unwell.has(host));
  const deltas = waveDeltas();
  for (const chunk of chunksOf(rows)) {
    const hosts = chunk.map(({ host }): [string, string] => [host, unwell.get(host) ?? '']);
    const seq = await change.audit({
      ...{ kind: 'hosts-unhealthy', actor: 'controller', requestId, detail: { wave, hosts } },
    });
    for (const { host, outcome, unhealthy } of chunk) {
      await change.trx
        .updateTable('expected_hosts')
        .set({ unhealthy: unwell.get(host) ?? '', changed_seq: seq })
        .where('request_id', '=', requestId)
        .where('host', '=', host)
        .execute();
      if (outcome !== null && unhealthy === null)
        deltas.add(requestId, { wave, outcome, hosts: 0, unhealthy: 1 });
    }
  }
  await deltas.write(change);
}

interface WaveEnd {
  readonly wave: number;
  /** Why its gate fails; undefined where it passed. */
  readonly problem: string | undefined;
}

async function endWave({ change, record, means }: Stepping, { wave, problem }: WaveEnd): Promise<void> {
  const { requestId } = record;
  const ended = record.waves[wave - 1];
  if (!ended) throw new FarcallError('INTERNAL', `request ${requestId} has no wave ${wave}`);
  const state = problem === undefined ? stateAfter(record, { wave, means }) : 'stopped';
  const seq = await change.audit({
    kind: 'wave-ended',
    actor: 'controller',
    requestId,
    detail: {
      ...{ wave, verdict: problem === undefined ? 'passed' : 'failed', state },
      outcomes: Object.fromEntries(ended.tallies.map(({ outcome, hosts }) => [outcome, hosts])),
      failed: failedHosts(means.spec.gate, ended.tallies),
      unhealthy: ended.tallies.reduce((sum, { unhealthy }) => sum + unhealthy, 0),
    },
  });
  const end = problem === undefined ? 'passed' : 'failed';
  await setWave(change, { requestId, wave }, { state: end, ended_at_ms: change.nowMs });
  await setRollout(change, requestId, { state, seq });
  if (problem !== undefined) await stop({ change, record, means }, { wave, reason: problem });
  else if (state === 'done') await done(change, requestId);
}

/** How a rollout goes on once `wave` has passed. */
function stateAfter(
  { waves }: RolloutRecord,
  { wave, means }: { readonly wave: number; readonly means: StepInputs },
): RolloutState {
  const underWay = waves.filter(({ number, state }) => number !== wave && isUnderWay(state));
  if (underWay.length > 0) return underWay.some(({ state }) => state === 'running') ? 'running' : 'baking';
  const newest = waves.findLast(({ state }) => state !== 'pending');
  if (newest?.number === waves.length) return 'done';
  const isManual = means.spec.waves[(newest?.number ?? 1) - 1]?.manual === true;
  return isManual ? 'awaiting-promotion' : 'running';
}

function isUnderWay(state: WaveRecord['state']): boolean {
  return state === 'running' || state === 'baking';
}

async function stop(
  { change, record }: Stepping,
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

/** Writes down an attempt, before its orders. */
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

/** `items` in lists that an entry of the log can hold. */
export function chunksOf<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < items.length; from += HOSTS_PER_ENTRY)
    chunks.push(items.slice(from, from + HOSTS_PER_ENTRY));
  return chunks;
}
