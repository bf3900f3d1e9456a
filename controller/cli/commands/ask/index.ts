export { addFunctions } from './functions.ts';
export { addPlan } from './plan.ts';
export { addRequest } from './request.ts';
export { type RolloutOptions, rolloutFrom } from './rollout-options.ts';
export { addUndo } from './undo.ts';
