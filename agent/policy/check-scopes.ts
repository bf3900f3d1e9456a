import {
  outsideScope,
  quorum,
  refusedRequest,
  requireApproved,
  thresholdFor,
} from '../../shared/trust/index.ts';
import type { CompiledCall } from '../stages/index.ts';
import type { VerifiedOrder } from '../verify/index.ts';

/**
 * Compares the scopes of the requester and of each approver with the functions that the program calls or
 * watches, and counts again the approvers whose scope covers them all.
 *
 * Threat: someone who may approve calls of `get_*` approves a program that calls something else; which
 * functions a program calls is only known when this host has compiled it. Throws SCOPE_EXCEEDED,
 * APPROVALS_INSUFFICIENT.
 */
export function checkScopes(
  { request, approvers, scope: { bundle, host } }: VerifiedOrder,
  { callees, watches, denies }: Pick<CompiledCall, 'callees' | 'watches' | 'denies'>,
): void {
  const names = [...callees, ...watches, ...denies].map(({ name }) => name);
  const act = { request, hosts: [host], callees: names };
  const judged = approvers.map(signer => ({
    signer,
    reason: outsideScope(bundle, { person: signer, may: 'approve' }, act),
  }));
  const covering = judged.flatMap(({ signer, reason }) => (reason === undefined ? [signer] : []));
  const count = {
    ...quorum(covering, { request, bundle, threshold: thresholdFor(request, bundle) }),
    approvers: covering,
    rejecters: [],
    discounted: judged.flatMap(({ signer, reason }) => (reason === undefined ? [] : [{ signer, reason }])),
    requesterOutside: refusedRequest(bundle, act),
  };
  requireApproved(count, request, 'for what the program calls on this host');
}
