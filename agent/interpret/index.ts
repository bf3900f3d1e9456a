export { PagedMemory } from './paged-memory.ts';
export { type HostPlan, type RunPlanOptions, runPlan } from './run-plan.ts';
export { type RunReadOptions, runRead } from './run-read.ts';
export { TimeSlice } from './time-slice.ts';
