export { type AdvanceDeps, advanceAll, advanceRequest } from './advance-request.ts';
export type { Foundation } from './foundation.ts';
export { runController } from './run-controller.ts';
export { taskRunner } from './run-tasks.ts';
export { buildServices, type Services } from './services.ts';
