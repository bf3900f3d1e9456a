export {
  type ActDeps,
  pauseRequest,
  promoteRequest,
  type RetryWord,
  type RolloutWord,
  resumeRequest,
  retryRequest,
} from './act-on-rollout.ts';
export { checkPause, checkPromote, resumedState, retryAttempt } from './acts.ts';
export { type Decision, decide } from './decide.ts';
export { type DriveDeps, driveRollout, type Fence } from './drive.ts';
export { type DriverDeps, type RolloutDriver, startDriver } from './driver.ts';
export { gateProblem, openHosts, type RolloutFacts } from './facts.ts';
export { viewRollout } from './view-rollout.ts';
