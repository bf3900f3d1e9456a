export { OUTCOME_NAMES, OUTCOMES, type Outcome } from './outcome.ts';
