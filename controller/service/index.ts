export { type AdvanceDeps, advanceAll, advanceRequest } from './advance-request.ts';
export { runController } from './run-controller.ts';
export { stepRunner } from './run-steps.ts';
