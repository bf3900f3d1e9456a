export { checkKernel } from './check-kernel.ts';
export { type HostKernel, openHostKernel } from './host-kernel.ts';
export { type KernelStagesOptions, kernelStages } from './kernel-stages.ts';
export { moduleTypes } from './module-types.ts';
