export { BEHAVIOURS, type Behaviour } from './behaviour.ts';
export type { SimulatedHost } from './seed-hosts.ts';
export { type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts';
