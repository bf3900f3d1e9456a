export { costOf, hasSideEffect, interpret, STEPS_PER_TURN } from './interpret.ts';
export { type Execute, Machine, OWN_ADDRESS, type ProgramStop, type SideEffect } from './machine.ts';
export type { Memory } from './memory.ts';
