export { type CheckProgramDeps, checkOnKernels, completeOnKernel } from './check-program.ts';
export { effectsOnKernels } from './effects-on-kernels.ts';
export { KernelCache } from './kernel-cache.ts';
export { KernelTypesFetcher } from './kernel-types-fetcher.ts';
export { type ListFunctionsDeps, listFunctions } from './list-functions.ts';
export { listKernels } from './list-kernels.ts';
