/**
 * The states of a rollout.
 *
 * - `waiting`: nothing is ordered yet. `running`: a wave is ordered. `baking`: every host of a wave has
 *   answered, and the wave is watched.
 * - `awaiting-promotion`: the wave passed its gate, and an operator must promote the rollout. `paused`: an
 *   operator paused it.
 * - `stopped`: a gate failed; only a successful retry of the wave continues. `done`: every wave passed.
 *   `aborted`: the request was aborted.
 */
export const ROLLOUT_STATES = [
  'waiting',
  'running',
  'baking',
  'awaiting-promotion',
  'paused',
  'stopped',
  'done',
  'aborted',
] as const;

/** One of {@link ROLLOUT_STATES}. */
export type RolloutState = (typeof ROLLOUT_STATES)[number];

/** The states of a wave: not ordered, ordered, answered and watched, and the result of its gate. */
export const WAVE_STATES = ['pending', 'running', 'baking', 'passed', 'failed'] as const;

/** One of {@link WAVE_STATES}. */
export type WaveState = (typeof WAVE_STATES)[number];

/** What people do to a rollout. */
export const ROLLOUT_ACTIONS = ['pause', 'resume', 'promote', 'retry'] as const;

/** One of {@link ROLLOUT_ACTIONS}. */
export type RolloutActionName = (typeof ROLLOUT_ACTIONS)[number];
