export { costOf } from './cost.ts';
export { type Interpretation, interpret } from './interpret.ts';
export {
  type Execute,
  hasSideEffect,
  Machine,
  OWN_ADDRESS,
  type ProgramStop,
  type SideEffect,
} from './machine.ts';
export type { Memory } from './memory.ts';
