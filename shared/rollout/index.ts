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
  RETRYABLE_OUTCOMES,
  rolloutOf,
  saysNothingRan,
} from './spec.ts';
