import type { RequestState } from '../../../shared/messages/index.ts';
import { type AuditKind, nextState, type RequestEvent, TRANSITIONS } from '../../store/index.ts';
import type { Complain } from './context.ts';
import type { RequestNote } from './notes.ts';
import type { ReplayedEntry, Telling } from './replayed-entry.ts';

const CONTROLLER = 'controller';

/** What every entry about a request has. */
export type AnyEntry = Pick<ReplayedEntry<AuditKind>, 'seq' | 'requestId' | 'host' | 'actor'>;

/** The request, where it is in one of `states` by then. */
export function inState(
  { requestId }: AnyEntry,
  states: readonly RequestState[],
  { notes, complain }: Telling,
): RequestNote | undefined {
  const request = notes.get<RequestNote>(['requests', requestId]);
  if (!request) complain('state', `nothing tells of the making of request ${requestId}`);
  else if (!states.includes(request.state))
    complain(
      'state',
      `request ${requestId} is ${request.state} by then, and would have to be ${states.join(' or ')}`,
    );
  else return request;
  return undefined;
}

/** The request after `event`, by the same table by which the controller moves requests. */
export function moved(entry: AnyEntry, event: RequestEvent, telling: Telling): RequestNote | undefined {
  const from = Object.keys(TRANSITIONS[event]) as RequestState[];
  const request = inState(entry, from, telling);
  const state = request && nextState(request.state, event);
  if (!state) return undefined;
  const after = { ...request, state };
  telling.notes.put(['requests', entry.requestId], after);
  return after;
}

/** Complains where somebody else than the controller does it. */
export function byController({ actor }: AnyEntry, complain: Complain): void {
  if (actor !== CONTROLLER) complain('entry', `${actor} does what only the controller can`);
}
