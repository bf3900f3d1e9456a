import { FarcallError } from '../../shared/errors/index.ts';
import { outsideScope, quorum, thresholdFor } from '../../shared/trust/index.ts';
import type { CompiledCall } from '../stages/index.ts';
import type { VerifiedOrder } from '../verify/index.ts';

/**
 * Compares the scopes of the requester and of each approver with the functions that the program calls, and
 * counts again the approvers whose scope covers them all.
 *
 * Threat: someone who may approve calls of `get_*` approves a program that calls something else; which
 * functions a program calls is only known when this host has compiled it. Throws SCOPE_EXCEEDED,
 * APPROVALS_INSUFFICIENT.
 */
export function checkScopes(
  { request, approvers, scope: { bundle, host } }: VerifiedOrder,
  { callees }: Pick<CompiledCall, 'callees'>,
): void {
  const act = { request, hosts: [host], callees: callees.map(({ name }) => name) };
  const outside = outsideScope(bundle, { person: request.requester, may: 'request' }, act);
  if (outside !== undefined)
    throw new FarcallError(
      'SCOPE_EXCEEDED',
      `${request.requester} may not ask for request ${request.id}: ${outside}`,
    );
  const discounted: string[] = [];
  const counting = approvers.filter(person => {
    const reason = outsideScope(bundle, { person, may: 'approve' }, act);
    if (reason !== undefined) discounted.push(`${person}: ${reason}`);
    return reason === undefined;
  });
  const { enough, threshold } = quorum(counting, {
    ...{ request, bundle },
    threshold: thresholdFor(request, bundle),
  });
  if (enough) return;
  throw new FarcallError(
    'APPROVALS_INSUFFICIENT',
    `${counting.length} of ${threshold} approvals cover what the program calls; not counted: ${discounted.join('; ')}`,
  );
}
