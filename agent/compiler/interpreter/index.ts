export { interpret } from './interpret.ts';
export type { Memory } from './memory.ts';
