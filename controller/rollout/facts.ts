import type { Rollout } from '../../shared/messages/index.ts';
import { failedHosts, idleProblem, passedLimit } from '../../shared/rollout/index.ts';
import type { RolloutRecord, WaveRecord } from '../store/index.ts';

/** Everything that `decide` looks at, so that the same facts give the same step. */
export interface RolloutFacts {
  /** The rollout as the store has it. */
  readonly record: RolloutRecord;
  /** The request that approvers signed. */
  readonly spec: Rollout;
  /** No host starts the call after this moment. */
  readonly expiresAtMs: number;
  readonly nowMs: number;
}

/** Why the gate fails a wave, by the outcomes that are known now; undefined if it does not fail. */
export function gateProblem({ spec }: Pick<RolloutFacts, 'spec'>, wave: WaveRecord): string | undefined {
  const failed = failedHosts(spec.gate, wave.tallies);
  const limit =
    passedLimit(spec.gate, failed, wave.hosts) ?? idleProblem(spec.gate, wave.tallies, wave.hosts);
  return limit && `wave ${wave.number}: ${limit}`;
}

/** How many hosts of a wave have no outcome. */
export function openHosts({ hosts, tallies }: WaveRecord): number {
  return hosts - tallies.reduce((sum, tally) => sum + tally.hosts, 0);
}

/** The waves that were ordered or passed over. */
export function startedWaves({ record }: RolloutFacts): readonly WaveRecord[] {
  return record.waves.filter(({ state }) => state !== 'pending');
}

/** Whether a driver has something to do for a rollout, or to wait for. */
export function isLive({ state, requestState }: Pick<RolloutRecord, 'state' | 'requestState'>): boolean {
  if (state === 'done' || state === 'aborted') return false;
  if (requestState === 'finished') return state === 'running' || state === 'baking';
  return requestState === 'approved' || requestState === 'dispatched';
}
