import { FINAL_STATES, type RequestView } from '../../../shared/messages/index.ts';
import type { ReadRequest } from '../../views/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { outcomesText } from './request-text.ts';

/** How a request stands, in one line. */
export function standingText({ request, view }: ReadRequest): string {
  const { state, approvers, threshold } = view;
  const waits = state === 'pending' || state === 'rejected';
  const so = waits ? `${approvers.length} of ${threshold} approvals` : outcomesText(view);
  return `${request.id} ${state}, ${so}`;
}

/** How a command about this request ends; only one that is over can be a success. */
export function exitOf(view: RequestView): ExitCode {
  const { state, rollout } = view;
  if (state === 'pending' || state === 'rejected') return EXIT.unapproved;
  if (state === 'aborted') return EXIT.aborted;
  if (state === 'expired') return EXIT.expired;
  if (rollout?.state === 'stopped') return EXIT.stopped;
  if (FINAL_STATES.includes(state)) return isWell(view) ? EXIT.ok : EXIT.hostsFailed;
  return rollout?.state === 'paused' || rollout?.state === 'awaiting-promotion'
    ? EXIT.halted
    : EXIT.unfinished;
}

/** Whether each host returned or skipped. */
function isWell({ outcomes, expectedHosts }: RequestView): boolean {
  const well = outcomes.filter(({ outcome }) => outcome === 'returned' || outcome === 'skipped');
  return well.reduce((sum, { hosts }) => sum + hosts, 0) === expectedHosts;
}
