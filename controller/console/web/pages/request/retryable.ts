import { RETRYABLE_OUTCOMES } from '../../../../../shared/outcome/index.ts';
import type { OutcomeCount, RequestStatusJson } from '../../api/index.ts';

/** The outcomes of a request after which hosts may be asked again, with their hosts counted. */
export function retryableOutcomes({ outcomes }: RequestStatusJson): readonly OutcomeCount[] {
  return outcomes.filter(({ outcome, hosts }) => hosts > 0 && RETRYABLE_OUTCOMES.includes(outcome));
}
