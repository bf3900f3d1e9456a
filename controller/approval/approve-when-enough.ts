import type { Clock } from '../../shared/clock/index.ts';
import { callRequestCodec } from '../../shared/messages/index.ts';
import { countApprovals } from '../../shared/trust/index.ts';
import type { ApprovalStore, RequestRecord, RequestStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** What {@link approveWhenEnough} needs. */
export interface ApproveDeps {
  readonly requests: Pick<RequestStore, 'markApproved'>;
  readonly approvals: Pick<ApprovalStore, 'of'>;
  readonly trust: TrustSource;
  readonly clock: Clock;
}

/**
 * Counts all stored approvals of a request anew, with the trust bundle and the time of this moment, and moves it from
 * pending to approved where they reach the threshold. Says whether it did.
 */
export async function approveWhenEnough(deps: ApproveDeps, record: RequestRecord): Promise<boolean> {
  const bundle = deps.trust.current();
  const stored = await deps.approvals.of(record.id);
  const { approvers, threshold } = await countApprovals({
    requestBytes: record.bytes,
    request: callRequestCodec.decode(record.bytes),
    approvals: stored.map(({ token }) => token),
    bundle,
    nowMs: deps.clock.nowMs(),
  });
  if (approvers.length < threshold) return false;
  return deps.requests.markApproved(record.id, { approvers, trustVersion: bundle.version });
}
