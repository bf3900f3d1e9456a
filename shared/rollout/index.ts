export { failedHosts, type OutcomeTally, passedLimit } from './gate.ts';
export {
  FAILING_OUTCOMES,
  formatWave,
  gateOf,
  limitsText,
  NO_LIMIT_HOSTS,
  NO_LIMIT_PERMILLE,
  parseShare,
  parseWave,
  plainRollout,
  provesNotRun,
  RETRYABLE_OUTCOMES,
  rolloutOf,
} from './spec.ts';
