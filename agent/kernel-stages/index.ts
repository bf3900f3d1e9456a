export type { KernelStages } from './kernel-stages.ts';
