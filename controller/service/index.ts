export { type AdvanceDeps, advanceAll, advanceRequest } from './advance-request.ts';
export { runController } from './run-controller.ts';
export { taskRunner } from './run-tasks.ts';
