export type { PersonsAct, Retry } from './rollout-actions.ts';
export type { RolloutStep, StepMeans } from './rollout-steps.ts';
export {
  type ActWish,
  type RetryWish,
  type RolloutStore,
  rolloutStoreOn,
  type StepWish,
} from './rollout-store.ts';
