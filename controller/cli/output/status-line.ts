import type { ReadRequest } from '../../views/index.ts';
import { outcomesText } from './request-text.ts';

/** The status of a request in one line. */
export function statusLine({ request, view }: ReadRequest): string {
  const { state, approvers, threshold } = view;
  const awaitsApproval = state === 'pending' || state === 'rejected';
  const progress = awaitsApproval ? `${approvers.length} of ${threshold} approvals` : outcomesText(view);
  return `${request.id} ${state}, ${progress}`;
}
