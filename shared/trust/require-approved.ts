import { FarcallError } from '../errors/index.ts';
import type { CallRequest } from '../messages/index.ts';
import type { ApprovalCount } from './count-approvals.ts';

/** The reasons for approvals that did not count of which an error speaks. */
const REASONS_LIMIT = 8;

/**
 * Throws unless `count` allows the request to run: REQUEST_REJECTED if a rejection stands, SCOPE_EXCEEDED if
 * its requester may not ask for it, APPROVALS_INSUFFICIENT if too few approvals count. `where` ends the
 * sentence about them: `on this host`.
 */
export function requireApproved(count: ApprovalCount, { id, requester }: CallRequest, where: string): void {
  const { rejecters, requesterOutside } = count;
  if (rejecters.length > 0)
    throw new FarcallError('REQUEST_REJECTED', `request ${id} is rejected by ${rejecters.join(', ')}`);
  if (requesterOutside !== undefined)
    throw new FarcallError(
      'SCOPE_EXCEEDED',
      `${requester} may not ask for request ${id}: ${requesterOutside}`,
    );
  if (!count.enough) throw new FarcallError('APPROVALS_INSUFFICIENT', tooFew(count, where));
}

function tooFew({ approvers, threshold, emptySeats, discounted }: ApprovalCount, where: string): string {
  const teams =
    emptySeats.length > 0 ? `; missing: ${emptySeats.map(team => `one of ${team}`).join(', ')}` : '';
  const reasons = discounted.map(({ signer, reason }) => `${signer ?? 'one'}: ${reason}`);
  const why = reasons.length > 0 ? `; not counted: ${reasons.slice(0, REASONS_LIMIT).join('; ')}` : '';
  return `${approvers.length} of ${threshold} approvals count ${where}${teams}${why}`;
}
