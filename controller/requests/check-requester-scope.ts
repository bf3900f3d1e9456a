import { FarcallError } from '../../shared/errors/index.ts';
import type { CallRequest } from '../../shared/messages/index.ts';
import { refusedRequest } from '../../shared/trust/index.ts';
import { plannedCallees } from '../scopes/index.ts';
import type { CreateRequestDeps } from './create-request.ts';
import type { KnownHost } from './select-hosts.ts';

/**
 * Throws SCOPE_EXCEEDED if the requester may not ask for `request` on the `selected` hosts.
 *
 * Threat: a requester whose scope is `role=db` aims elsewhere. Hosts refuse that themselves; here the
 * requester learns of it before anybody is asked to approve.
 */
export async function checkRequesterScope(
  deps: Pick<CreateRequestDeps, 'plans' | 'trust'>,
  request: CallRequest,
  selected: readonly KnownHost[],
): Promise<void> {
  const { requester } = request;
  const callees = await plannedCallees(deps, request);
  const act = { request, hosts: selected.map(({ record }) => record), ...(callees && { callees }) };
  const outside = refusedRequest(deps.trust.current(), act);
  if (outside !== undefined)
    throw new FarcallError('SCOPE_EXCEEDED', `${requester} may not ask for this: ${outside}`);
}
