export { LEAST_FREE_MIB, type UnfitSources, unfitReasons } from './unfit-reasons.ts';
