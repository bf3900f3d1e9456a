import { FarcallError } from '../../shared/errors/index.ts';
import type { RolloutActionName, RolloutState } from '../../shared/messages/index.ts';
import { type Outcome, RETRYABLE_OUTCOMES } from '../../shared/outcome/index.ts';
import type { Resumption, WaveRecord } from '../store/index.ts';
import { gateProblem, type RolloutFacts, startedWaves } from './facts.ts';

/** Most attempts at one request: the highest number that an order can carry. */
const ATTEMPTS_LIMIT = 1000;

/**
 * Throws CONFLICT if the person means another wave than the newest one that was ordered; in a pause, 0 means
 * any wave. So an action that is held back, or late, does not reach a wave that they had not seen.
 */
export function checkMeant(
  { record }: RolloutFacts,
  { action, wave }: { readonly action: RolloutActionName; readonly wave: number },
): void {
  if (wave === record.wave || (action === 'pause' && wave === 0)) return;
  throw new FarcallError(
    'CONFLICT',
    `request ${record.requestId} is at wave ${record.wave} by now, not at wave ${wave}`,
  );
}

/** Throws CONFLICT, naming the state of the rollout, if it cannot be paused. */
export function checkPause({ record }: RolloutFacts): void {
  const { state, requestId } = record;
  if (state === 'waiting' || state === 'running' || state === 'baking' || state === 'awaiting-promotion')
    return;
  throw new FarcallError('CONFLICT', `request ${requestId} is ${state}; there is nothing to pause`);
}

/**
 * The state in which a halted rollout goes on. Throws CONFLICT if it is not halted or if its gate still
 * fails, and REQUEST_EXPIRED if no host would start it any longer.
 */
export function resumedState(facts: RolloutFacts): RolloutState {
  const { record, spec, expiresAtMs, nowMs } = facts;
  const { state, requestId } = record;
  if (state !== 'paused' && state !== 'stopped')
    throw new FarcallError('CONFLICT', `request ${requestId} is ${state}; there is nothing to resume`);
  if (expiresAtMs <= nowMs)
    throw new FarcallError('REQUEST_EXPIRED', `the life of request ${requestId} is over; ask for it again`);
  const problem = startedWaves(facts)
    .map(wave => gateProblem(facts, wave))
    .find(each => each !== undefined);
  if (problem !== undefined)
    throw new FarcallError(
      'CONFLICT',
      `the gate of request ${requestId} still fails (${problem}); nobody can pass it over: farcall retry, or abort`,
    );
  if (record.wave === 0) return 'waiting';
  const states = new Set(startedWaves(facts).map(wave => wave.state));
  if (states.has('running') || states.has('failed')) return 'running';
  if (states.has('baking')) return 'baking';
  const isManual = record.wave < record.waves.length && spec.waves[record.wave - 1]?.manual === true;
  return isManual ? 'awaiting-promotion' : 'running';
}

/**
 * How a halted rollout goes on: hosts get back the time to answer that they lost. Throws as
 * {@link resumedState}.
 */
export function resumption(facts: RolloutFacts): Resumption {
  const state = resumedState(facts);
  const laterMs = Math.max(0, facts.nowMs - facts.record.changedAtMs);
  const waves = facts.record.waves
    .filter(wave => wave.state === 'running' || wave.state === 'failed')
    .map(({ number, answerByMs }) => ({
      number,
      answerByMs: answerByMs === undefined ? undefined : answerByMs + laterMs,
    }));
  return { state, laterMs, waves };
}

/** Throws CONFLICT, naming the state of the rollout, if no wave waits for promotion. */
export function checkPromote({ record }: RolloutFacts): void {
  const { state, requestId } = record;
  if (state === 'awaiting-promotion') return;
  throw new FarcallError('CONFLICT', `request ${requestId} is ${state}; no wave waits for promotion`);
}

/**
 * The number of the next attempt.
 *
 * Throws CONFLICT if hosts with such an outcome may have run the call, if no host of a started wave has one,
 * or if the rollout takes no retry in its state; REQUEST_EXPIRED if no host would start it any longer.
 */
export function retryAttempt(facts: RolloutFacts, only: readonly Outcome[]): number {
  const { record, expiresAtMs, nowMs } = facts;
  const { state, requestId, attempt } = record;
  const ran = only.filter(outcome => !RETRYABLE_OUTCOMES.includes(outcome));
  if (ran.length > 0)
    throw new FarcallError(
      'CONFLICT',
      `a host that ended as ${ran.join(' or ')} may have run the call, which happens once: only ${RETRYABLE_OUTCOMES.join(', ')} can be tried again`,
    );
  if (state === 'waiting' || state === 'paused' || state === 'aborted')
    throw new FarcallError('CONFLICT', `request ${requestId} is ${state}; nothing is tried again in it`);
  if (expiresAtMs <= nowMs)
    throw new FarcallError('REQUEST_EXPIRED', `the life of request ${requestId} is over; ask for it again`);
  if (startedWaves(facts).every(wave => retriedHosts(wave, only) === 0))
    throw new FarcallError('CONFLICT', `no host of request ${requestId} ended as ${only.join(' or ')}`);
  if (attempt >= ATTEMPTS_LIMIT)
    throw new FarcallError('CONFLICT', `request ${requestId} was tried ${attempt} times; that is the limit`);
  return attempt + 1;
}

/** How many hosts of a wave ended in one of these outcomes. */
export function retriedHosts({ tallies }: WaveRecord, only: readonly Outcome[]): number {
  return tallies.reduce((sum, { outcome, hosts }) => (only.includes(outcome) ? sum + hosts : sum), 0);
}
