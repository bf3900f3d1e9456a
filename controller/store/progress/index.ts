export { countKernels, countOutcomes } from './host-counts.ts';
export { moveState, nextState, type RequestTransition, TRANSITIONS } from './request-states.ts';
export { type RolloutRecord, readRollout, type WaveRecord } from './rollout-record.ts';
export {
  beginAnswering,
  endRollout,
  hostNamesByOutcome,
  insertRollout,
  isWatched,
  type NewRollout,
  type NewWave,
  setRollout,
  setWave,
} from './rollout-rows.ts';
export { unknownRequest } from './unknown-request.ts';
export { updateExpectedHosts } from './update-expected-hosts.ts';
export { type WaveDeltas, waveDeltas } from './wave-counts.ts';
