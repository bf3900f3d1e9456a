export { PagedMemory } from './paged-memory.ts';
export { type RunReadOptions, runRead } from './run-read.ts';
