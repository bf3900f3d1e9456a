export type { CompileOptions, KernelStages } from './kernel-stages.ts';
