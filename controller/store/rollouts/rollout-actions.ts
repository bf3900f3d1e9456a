import type { RolloutState } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import { storedRevision } from '../approvals/index.ts';
import type { Change } from '../core/index.ts';
import { insertOrder, type NewOrder } from '../orders/index.ts';
import {
  hostNamesByOutcome,
  moveState,
  type RolloutRecord,
  setRollout,
  setWave,
  waveDeltas,
} from '../progress/index.ts';
import { chunksOf, insertAttempt } from './rollout-steps.ts';

/** A person's word to a rollout. */
export interface OperatorAction {
  readonly actor: string;
  readonly reason: string;
}

interface Acting extends OperatorAction {
  readonly change: Change;
  readonly record: RolloutRecord;
}

/** Halts it. */
export async function pauseRollout({ change, record, actor, reason }: Acting): Promise<void> {
  const { requestId, wave } = record;
  const seq = await change.audit({ kind: 'rollout-paused', actor, requestId, detail: { reason, wave } });
  await setRollout(change, requestId, { state: 'paused', reason, retried: 0, seq });
}

/**
 * Lets it go on; hosts get the time to answer that they lost, and waves whose gate had failed are judged
 * again.
 */
export async function resumeRollout(acting: Acting, state: RolloutState): Promise<void> {
  const { change, record, actor, reason } = acting;
  const { requestId, wave } = record;
  const laterMs = Math.max(0, change.nowMs - record.changedAtMs);
  const detail = { reason, wave, state, laterMs };
  const seq = await change.audit({ kind: 'rollout-resumed', actor, requestId, detail });
  for (const { number, state: was, answerByMs } of record.waves) {
    if (was !== 'running' && was !== 'failed') continue;
    const answer_by_ms = answerByMs === undefined ? null : answerByMs + laterMs;
    const again = { state: 'running', bake_until_ms: null, ended_at_ms: null } as const;
    await setWave(change, { requestId, wave: number }, { ...again, answer_by_ms });
  }
  await setRollout(change, requestId, { state, reason: '', retried: 0, seq });
}

/** Lets the next wave start. */
export async function promoteRollout({ change, record, actor, reason }: Acting): Promise<void> {
  const { requestId, wave } = record;
  const seq = await change.audit({ kind: 'rollout-promoted', actor, requestId, detail: { reason, wave } });
  await setRollout(change, requestId, { state: 'running', reason: '', seq });
}

/** A new attempt, for the hosts with these outcomes in waves that were started. */
export interface NewAttempt {
  readonly attempt: number;
  readonly only: readonly Outcome[];
  /** One for each wave that has such hosts. */
  readonly orders: readonly NewOrder[];
}

/** Opens those hosts again and stores their orders; false where somebody decided about the request since. */
export async function retryRollout(acting: Acting, { attempt, only, orders }: NewAttempt): Promise<boolean> {
  const { change, record, actor, reason } = acting;
  const { requestId, wave, state } = record;
  const revision = await storedRevision(change, requestId);
  if (orders.some(order => order.revision !== revision)) return false;
  if (!(await moveState(change, requestId, 'retry'))) return false;
  const waves = orders.map(order => order.wave);
  const hosts = countHosts(record, waves, only);
  const detail = { reason, wave, attempt, only: [...only], hosts };
  const seq = await change.audit({ kind: 'rollout-retried', actor, requestId, detail });
  await insertAttempt(change, { requestId, attempt, actor, reason, only: only.join(',') });
  for (const each of waves) await openAgain(change, { requestId, wave: each, attempt, only });
  for (const order of orders) await insertOrder(change, order);
  const wasStopped = state === 'stopped';
  await setRollout(change, requestId, {
    ...{ state: wasStopped ? 'stopped' : 'running', retried: wasStopped ? 1 : 0, attempt, seq },
  });
  return true;
}

function countHosts({ waves }: RolloutRecord, numbers: readonly number[], only: readonly Outcome[]): number {
  const tallies = waves.filter(({ number }) => numbers.includes(number)).flatMap(wave => wave.tallies);
  return tallies.reduce((sum, { outcome, hosts }) => (only.includes(outcome) ? sum + hosts : sum), 0);
}

interface Reopening {
  readonly requestId: string;
  readonly wave: number;
  readonly attempt: number;
  readonly only: readonly Outcome[];
}

/** The hosts of one wave have no outcome any more, and the wave is under way again. */
async function openAgain(change: Change, { requestId, wave, attempt, only }: Reopening): Promise<void> {
  const { trx } = change;
  const hosts = await hostNamesByOutcome(change, { requestId, wave, outcomes: only });
  for (const names of chunksOf(hosts.map(({ host }) => host))) {
    const detail = { wave, attempt, hosts: names };
    const seq = await change.audit({ kind: 'hosts-retried', actor: 'controller', requestId, detail });
    await trx
      .updateTable('expected_hosts')
      .set({ outcome: null, attempt, unhealthy: null, changed_seq: seq })
      .where('request_id', '=', requestId)
      .where('host', 'in', names)
      .execute();
  }
  const deltas = waveDeltas();
  for (const { outcome, unhealthy } of hosts)
    if (outcome !== null)
      deltas.add(requestId, { wave, outcome, hosts: -1, unhealthy: unhealthy === null ? 0 : -1 });
  await deltas.write(change);
  const settled = hosts.filter(({ outcome }) => outcome !== 'unreachable').length;
  await trx
    .updateTable('requests')
    .set(({ eb }) => ({ settled_hosts: eb('settled_hosts', '-', settled) }))
    .where('id', '=', requestId)
    .execute();
  const again = { state: 'running', answer_by_ms: null, bake_until_ms: null, ended_at_ms: null } as const;
  await setWave(change, { requestId, wave }, again);
}
