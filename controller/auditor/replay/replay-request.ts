import type { RequestState } from '../../../shared/messages/index.ts';
import { type AuditKind, nextState, type RequestTransition, TRANSITIONS } from '../../store/index.ts';
import type { ReportFinding } from './context.ts';
import type { ReplayedEntry, ReplaySink } from './replayed-entry.ts';
import type { ReplayedNewestTrust, ReplayedRequest } from './replayed-rows.ts';

const CONTROLLER = 'controller';
/** How long after a newer bundle an action may still go by the one before: it may have been under way. */
const OLD_TRUST_MS = 60_000;

/** The fields that every entry about a request has. */
export type AnyEntry = Pick<ReplayedEntry<AuditKind>, 'seq' | 'requestId' | 'host' | 'actor'>;

/** The request; reports a finding and returns undefined if it is in none of `states` at this entry. */
export function inState(
  { requestId }: AnyEntry,
  states: readonly RequestState[],
  { replay, report }: ReplaySink,
): ReplayedRequest | undefined {
  const request = replay.get<ReplayedRequest>(['requests', requestId]);
  if (!request) report('state', `no entry records the making of request ${requestId}`);
  else if (!states.includes(request.state))
    report(
      'state',
      `request ${requestId} is ${request.state} by then, and would have to be ${states.join(' or ')}`,
    );
  else return request;
  return undefined;
}

/** The request after `event`, by the same table by which the controller moves requests. */
export function moved(
  entry: AnyEntry,
  event: RequestTransition,
  sink: ReplaySink,
): ReplayedRequest | undefined {
  const from = Object.keys(TRANSITIONS[event]) as RequestState[];
  const request = inState(entry, from, sink);
  const state = request && nextState(request.state, event);
  if (!state) return undefined;
  const after = { ...request, state };
  sink.replay.put(['requests', entry.requestId], after);
  return after;
}

/** Reports a finding if the entry's actor is not the controller. */
export function byController({ actor }: AnyEntry, report: ReportFinding): void {
  if (actor !== CONTROLLER) report('entry', `${actor} does what only the controller can`);
}

/**
 * Threat: by naming an old bundle, somebody uses a key that a newer one has removed. Every action goes by the
 * bundle of its time.
 */
export function byNewestTrust(
  { atMs, detail: { trust } }: { readonly atMs: number; readonly detail: { readonly trust: number } },
  { replay, report }: ReplaySink,
): void {
  if (!replay.get(['trust_bundles', trust]))
    return report('trust', `it goes by trust bundle ${trust}, which did not count by then`);
  const newest = replay.get<ReplayedNewestTrust>(['newest-trust']);
  if (newest && newest.version > trust && newest.atMs + OLD_TRUST_MS < atMs)
    report('trust', `it goes by trust bundle ${trust}, and ${newest.version} counted by then`);
}
