export { failedHosts, idleProblem, type OutcomeTally, passedLimit } from './gate.ts';
export {
  formatWave,
  gateOf,
  idleText,
  limitsText,
  NO_LIMIT_HOSTS,
  NO_LIMIT_PERMILLE,
  parseShare,
  parseWave,
  plainRollout,
  rolloutOf,
} from './spec.ts';
