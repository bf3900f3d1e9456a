export type { SetupFlags } from './answers.ts';
export { nextSteps } from './next-steps.ts';
export { type SetUpSite, setUp } from './setup.ts';
