import type { Rollout, RolloutView, WaveView } from '../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../shared/outcome/index.ts';
import { failedHosts } from '../../shared/rollout/index.ts';
import type { RolloutRecord, WaveRecord } from '../store/index.ts';

/** The rollout as operators see it. */
export function viewRollout({ state, attempt, reason, waves }: RolloutRecord, spec: Rollout): RolloutView {
  return { state, attempt, reason, waves: waves.map(wave => viewWave(wave, spec)) };
}

function viewWave({ tallies, slice: _slice, ...wave }: WaveRecord, { gate }: Rollout): WaveView {
  const byName = [...tallies].sort(
    (one, other) => OUTCOME_NAMES.indexOf(one.outcome) - OUTCOME_NAMES.indexOf(other.outcome),
  );
  return {
    ...wave,
    outcomes: byName.map(({ outcome, hosts }) => ({ outcome, hosts })),
    failed: failedHosts(gate, tallies),
    unhealthy: tallies.reduce((sum, { unhealthy }) => sum + unhealthy, 0),
  };
}
