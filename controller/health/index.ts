export { type HealthDeps, type HealthSource, healthSource } from './health-source.ts';
export { type AfterCall, judgeHealth, OUR_TAINT } from './judge-health.ts';
export { taintLetters } from './taint-letters.ts';
