import type { RolloutState } from '../../shared/messages/index.ts';
import { failedHosts } from '../../shared/rollout/index.ts';
import type { RolloutWrite, WaveEnd, WaveRecord } from '../store/index.ts';
import type { RolloutStep } from './decide.ts';
import { gateProblem, type RolloutFacts } from './facts.ts';

/** The writes of the store for `step`. Pure, as `decide` is: the same facts give the same writes. */
export function writeOf(facts: RolloutFacts, step: RolloutStep): RolloutWrite {
  switch (step.kind) {
    case 'pass-over':
      return { ...step, isLast: step.wave === facts.record.waves.length };
    case 'bake':
      return { ...step, state: othersRun(facts, step.wave) ? 'running' : 'baking' };
    case 'evaluate':
      return { ...step, end: record => evaluateWave({ ...facts, record }, step.wave) };
    case 'fail':
      return { kind: 'fail', wave: step.wave, end: waveEnd(facts, step.wave, step.reason) };
    case 'start-wave':
    case 'mark-unreachable':
    case 'stop':
      return step;
  }
}

/** Evaluates the gate after a wave, by the outcomes and the health of its hosts. */
function evaluateWave(facts: RolloutFacts, number: number): WaveEnd {
  const wave = facts.record.waves[number - 1];
  return waveEnd(facts, number, wave && gateProblem(facts, wave));
}

function waveEnd(facts: RolloutFacts, number: number, reason: string | undefined): WaveEnd {
  const failed = failedHosts(facts.spec.gate, facts.record.waves[number - 1]?.tallies ?? []);
  return reason === undefined
    ? { verdict: 'passed', failed, state: stateAfter(facts, number), reason }
    : { verdict: 'failed', failed, state: 'stopped', reason };
}

/** How a rollout goes on once `wave` has passed. */
function stateAfter({ record: { waves }, spec }: RolloutFacts, wave: number): RolloutState {
  const underWay = waves.filter(({ number, state }) => number !== wave && isUnderWay(state));
  if (underWay.length > 0) return underWay.some(({ state }) => state === 'running') ? 'running' : 'baking';
  const newest = waves.findLast(({ state }) => state !== 'pending');
  if (newest?.number === waves.length) return 'done';
  const isManual = spec.waves[(newest?.number ?? 1) - 1]?.manual === true;
  return isManual ? 'awaiting-promotion' : 'running';
}

function isUnderWay(state: WaveRecord['state']): boolean {
  return state === 'running' || state === 'baking';
}

/** Whether another wave still waits for answers. */
function othersRun({ record }: RolloutFacts, wave: number): boolean {
  return record.waves.some(({ number, state }) => number !== wave && state === 'running');
}
