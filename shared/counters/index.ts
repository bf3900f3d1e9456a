export { Counters } from './counters.ts';
