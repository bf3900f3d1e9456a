import { FarcallError } from '../../../shared/errors/index.ts';
import type { RolloutActionName, RolloutState } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import { storedRevision } from '../approvals/index.ts';
import { auditDigest, type Change } from '../core/index.ts';
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

/** What somebody does to a rollout, who, why, and their signature for that. */
export interface OperatorAction {
  readonly action: RolloutActionName;
  readonly actor: string;
  readonly reason: string;
  readonly proof: ActionProof;
}

/** The token of an action, which was verified. */
export interface ActionProof {
  readonly token: string;
  /** Who handed it in. */
  readonly submittedBy: string;
  /** Version of the trust bundle by which it was verified. */
  readonly trustVersion: number;
}

/** An action within its transaction. */
export interface PendingAction extends OperatorAction {
  readonly change: Change;
  /** The rollout as this transaction reads it. */
  readonly record: RolloutRecord;
}

/**
 * Keeps the token of an action, and resolves to what every entry about one says. Throws CONFLICT if the token
 * was used before.
 *
 * Threat: somebody hands in a token a second time, and its author did the action once.
 */
async function keepAction({ change, record, action, actor, reason, proof }: PendingAction) {
  const { token, submittedBy, trustVersion: trust } = proof;
  const { trx, nowMs } = change;
  const { requestId, wave } = record;
  const used = await trx
    .selectFrom('rollout_actions')
    .select('actor')
    .where('token', '=', token)
    .executeTakeFirst();
  if (used) throw new FarcallError('CONFLICT', `this ${action} by ${used.actor} was done before`);
  await trx
    .insertInto('rollout_actions')
    .values({ token, request_id: requestId, action, actor, reason, made_at_ms: nowMs })
    .execute();
  return { reason, wave, submittedBy, token: auditDigest(token), trust };
}

/** Pauses the rollout. */
export async function pauseRollout(action: PendingAction): Promise<void> {
  const { change, record, actor, reason } = action;
  const { requestId } = record;
  const detail = await keepAction(action);
  const seq = await change.audit({ kind: 'rollout-paused', actor, requestId, detail });
  await setRollout(change, requestId, { state: 'paused', reason, retried: 0, seq });
}

/** How a rollout goes on after a halt. */
export interface Resumption {
  readonly state: RolloutState;
  /** How much longer than before hosts may take to answer. */
  readonly laterMs: number;
  /** The waves that are under way again, with their new deadline, if they have one. */
  readonly waves: readonly { readonly number: number; readonly answerByMs: number | undefined }[];
}

/** Lets a paused or stopped rollout go on. */
export async function resumeRollout(action: PendingAction, resumption: Resumption): Promise<void> {
  const { change, record, actor } = action;
  const { requestId } = record;
  const { state, laterMs, waves } = resumption;
  const detail = { ...(await keepAction(action)), state, laterMs };
  const seq = await change.audit({ kind: 'rollout-resumed', actor, requestId, detail });
  for (const { number, answerByMs } of waves) {
    const again = { state: 'running', bake_until_ms: null, ended_at_ms: null } as const;
    await setWave(change, { requestId, wave: number }, { ...again, answer_by_ms: answerByMs ?? null });
  }
  await setRollout(change, requestId, { state, reason: '', retried: 0, seq });
}

/** Lets the next wave start. */
export async function promoteRollout(action: PendingAction): Promise<void> {
  const { change, record, actor } = action;
  const { requestId } = record;
  const detail = await keepAction(action);
  const seq = await change.audit({ kind: 'rollout-promoted', actor, requestId, detail });
  await setRollout(change, requestId, { state: 'running', reason: '', seq });
}

/** A new attempt, for the hosts of started waves that ended in one of the outcomes in `only`. */
export interface NewAttempt {
  readonly attempt: number;
  readonly only: readonly Outcome[];
  /** One for each wave that has such hosts. */
  readonly orders: readonly NewOrder[];
  /** How many hosts that are. */
  readonly hosts: number;
  /** The rollout's next state. */
  readonly state: RolloutState;
}

/** Opens those hosts again and stores their orders; false if a decision came after the orders were signed. */
export async function retryRollout(action: PendingAction, retry: NewAttempt): Promise<boolean> {
  const { change, record, actor, reason } = action;
  const { attempt, only, orders, hosts, state } = retry;
  const { requestId } = record;
  const revision = await storedRevision(change, requestId);
  if (orders.some(order => order.revision !== revision)) return false;
  if (!(await moveState(change, requestId, 'retry'))) return false;
  const detail = { ...(await keepAction(action)), attempt, only: [...only], hosts };
  const seq = await change.audit({ kind: 'rollout-retried', actor, requestId, detail });
  await insertAttempt(change, { requestId, attempt, actor, reason, only: only.join(',') });
  for (const order of orders) await openAgain(change, { requestId, wave: order.wave, attempt, only });
  for (const order of orders) await insertOrder(change, order);
  await setRollout(change, requestId, { state, retried: state === 'stopped' ? 1 : 0, attempt, seq });
  return true;
}

interface Reopening {
  readonly requestId: string;
  readonly wave: number;
  readonly attempt: number;
  readonly only: readonly Outcome[];
}

/** Takes the outcomes from the hosts of one wave; the wave is under way again. */
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
