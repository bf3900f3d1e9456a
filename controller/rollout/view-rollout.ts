import type { Rollout, RolloutView, WaveView } from '../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../shared/outcome/index.ts';
import { failedHosts } from '../../shared/rollout/index.ts';
import type { RolloutRecord, WaveRecord } from '../store/index.ts';

/** What a wave of a request is compared with to be shown. */
export interface RolloutTerms {
  /** The rollout that is signed. */
  readonly spec: Rollout;
  /** When the request is over at the latest: no answer is awaited later, however long a wave may wait. */
  readonly overAtMs: number;
}

/** The rollout as operators see it. */
export function viewRollout(
  { state, attempt, reason, waves }: RolloutRecord,
  terms: RolloutTerms,
): RolloutView {
  return { state, attempt, reason, waves: waves.map(wave => viewWave(wave, terms)) };
}

function viewWave(
  { tallies, slice: _slice, answerByMs, ...wave }: WaveRecord,
  { spec: { gate }, overAtMs }: RolloutTerms,
): WaveView {
  const byName = [...tallies].sort(
    (one, other) => OUTCOME_NAMES.indexOf(one.outcome) - OUTCOME_NAMES.indexOf(other.outcome),
  );
  return {
    ...wave,
    answerByMs: answerByMs === undefined ? undefined : Math.min(answerByMs, overAtMs),
    outcomes: byName.map(({ outcome, hosts }) => ({ outcome, hosts })),
    failed: failedHosts(gate, tallies),
    unhealthy: tallies.reduce((sum, { unhealthy }) => sum + unhealthy, 0),
  };
}
