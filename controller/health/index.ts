export { type AfterCall, evaluateHealth, OUR_TAINT } from './evaluate-health.ts';
export { type HealthDeps, type HealthSource, healthSource } from './health-source.ts';
export { taintLetters } from './taint-letters.ts';
