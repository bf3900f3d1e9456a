export { checkPause, checkPromote, resumedState, resumption, retryAttempt } from './actions.ts';
export { decide, type NextStep, type RolloutStep } from './decide.ts';
export { type DriveDeps, driveRollout, type Fence } from './drive.ts';
export { type DriverDeps, type RolloutDriver, startDriver } from './driver.ts';
export { gateProblem, isLive, openHosts, type RolloutFacts } from './facts.ts';
export { type ActionSubmission, type SubmitActionDeps, submitAction } from './submit-action.ts';
export { viewRollout } from './view-rollout.ts';
