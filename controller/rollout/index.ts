export { checkPause, checkPromote, resumedState, resumption, retryAttempt } from './actions.ts';
export {
  type ControlDeps,
  pauseRequest,
  promoteRequest,
  type RetryAction,
  type RolloutAction,
  resumeRequest,
  retryRequest,
} from './control-rollout.ts';
export { decide, type NextStep, type RolloutStep } from './decide.ts';
export { type DriveDeps, driveRollout, type Fence } from './drive.ts';
export { type DriverDeps, type RolloutDriver, startDriver } from './driver.ts';
export { gateProblem, isLive, openHosts, type RolloutFacts } from './facts.ts';
export { viewRollout } from './view-rollout.ts';
