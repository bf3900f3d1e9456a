import type { CallRequest } from '../messages/index.ts';
import type { TrustBundle } from './bundle.ts';
import { missingTicket } from './emergency.ts';
import { outsideScope, type ScopedAct } from './scopes.ts';

/** A request, and what is known of it besides. */
export interface RequestedAct extends ScopedAct {
  readonly request: CallRequest;
}

/**
 * Why its requester may not make this request, as the end of a sentence about them: it is outside their
 * scope, or it is an emergency without a ticket. Undefined if they may.
 */
export function refusedRequest(
  bundle: Pick<TrustBundle, 'teams' | 'scopes' | 'emergency'>,
  act: RequestedAct,
): string | undefined {
  const { request } = act;
  const outside = outsideScope(bundle, { person: request.requester, may: 'request' }, act);
  return outside ?? missingTicket(bundle, request);
}
