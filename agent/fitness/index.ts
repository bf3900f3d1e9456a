export { LEAST_FREE_MIB, moduleProblem, type UnfitSources, unfitReasons } from './unfit-reasons.ts';
