export { ROLLOUT_STATES, type RolloutState, WAVE_STATES, type WaveState } from './states.ts';
