export type { NewAttempt, OperatorAction } from './rollout-actions.ts';
export type { RolloutStep, StepInputs } from './rollout-steps.ts';
export {
  type ActionOptions,
  type RetryOptions,
  type RolloutStore,
  rolloutStoreOn,
  type TakeStepOptions,
} from './rollout-store.ts';
