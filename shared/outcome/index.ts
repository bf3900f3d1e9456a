export {
  FAILING_OUTCOMES,
  OUTCOME_NAMES,
  OUTCOMES,
  type Outcome,
  type OutcomeFacts,
  type OutcomeTone,
  provesNotRun,
  RETRYABLE_OUTCOMES,
} from './outcome.ts';
