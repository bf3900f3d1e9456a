/**
 * The states of a rollout.
 *
 * - `waiting`: nothing is ordered yet. `running`: a wave is out. `baking`: a wave has answered and is
 *   watched.
 * - `awaiting-promotion`: the wave passed its gate, and a person must send the next. `paused`: a person has
 *   halted it.
 * - `stopped`: a gate failed; only a retry that mends the wave leads on. `done`: every wave passed.
 *   `aborted`: its request was.
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

/** The states of a wave: not begun, ordered, answered and watched, and what its gate said. */
export const WAVE_STATES = ['pending', 'running', 'baking', 'passed', 'failed'] as const;

/** One of {@link WAVE_STATES}. */
export type WaveState = (typeof WAVE_STATES)[number];
