export { costOf, interpret, isOutward, STEPS_PER_TURN } from './interpret.ts';
export { Machine, type Outward, OWN_ADDRESS, type Step, type Stop } from './machine.ts';
export type { Memory } from './memory.ts';
