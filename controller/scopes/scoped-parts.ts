import type { ScopedAct, TrustBundle } from '../../shared/trust/index.ts';
import type { RequestRecord, RequestStore } from '../store/index.ts';
import { type PlannedDeps, plannedCallees } from './planned-callees.ts';

/** The stores that {@link scopedParts} reads. */
export interface ScopeDeps extends PlannedDeps {
  readonly requests: Pick<RequestStore, 'expectedLabels'>;
}

/**
 * What the scopes of `bundle` have to be compared with for a stored request: its hosts with the labels of
 * their enrolment, and the functions that its plan names. What no scope limits is not read.
 *
 * The answer serves people, who learn early what hosts would refuse. Hosts compare for themselves.
 */
export async function scopedParts(
  deps: ScopeDeps,
  { id, request }: Pick<RequestRecord, 'id' | 'request'>,
  { scopes = [] }: Pick<TrustBundle, 'scopes'>,
): Promise<Omit<ScopedAct, 'request'>> {
  const hosts = scopes.some(scope => scope.hosts !== undefined)
    ? await deps.requests.expectedLabels(id)
    : undefined;
  const callees = scopes.some(({ functions }) => functions !== undefined)
    ? await plannedCallees(deps, request)
    : undefined;
  return { ...(hosts && { hosts }), ...(callees && { callees }) };
}
