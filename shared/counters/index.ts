export { CounterSet } from './counter-set.ts';
