export type { ActionProof, NewAttempt, OperatorAction, Resumption } from './rollout-actions.ts';
export type { RolloutWrite, StepInputs, WaveEnd } from './rollout-steps.ts';
export {
  type ActionOptions,
  type RolloutStatus,
  type RolloutStore,
  rolloutStoreOn,
  type TakeStepOptions,
} from './rollout-store.ts';
