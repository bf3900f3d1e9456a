import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { countApprovals } from '../../shared/trust/index.ts';
import type { LockRegistry } from '../locks/index.ts';
import { type ScopeDeps, scopedParts } from '../scopes/index.ts';
import type { ApprovalRecord, RequestRecord } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** The stores and services that {@link refuseLocked} uses. */
export interface LockCheckDeps extends ScopeDeps {
  readonly trust: TrustSource;
  readonly lockRegistry: Pick<LockRegistry, 'all'>;
  readonly clock: Clock;
}

/**
 * Throws LOCKED if the requester is locked, or if the approvals are not enough without those of locked
 * people.
 *
 * Threat: somebody asks or approves with a stolen key, the request is approved, and the lock comes before its
 * next wave is ordered. Hosts count the approvals by the bundle, in which the person still is, so the
 * controller must not order.
 */
export async function refuseLocked(
  deps: LockCheckDeps,
  record: RequestRecord,
  decisions: readonly ApprovalRecord[],
): Promise<void> {
  const locks = deps.lockRegistry.all();
  if (locks.length === 0) return;
  const { request } = record;
  if (locks.some(({ kind, name }) => kind === 'person' && name === request.requester))
    throw new FarcallError('LOCKED', `${request.requester}, who asked for request ${record.id}, is locked`);
  const bundle = deps.trust.current();
  if (bundle === deps.trust.signed()) return;
  const { enough } = await countApprovals({
    ...{ request, requestBytes: record.bytes, bundle, nowMs: deps.clock.nowMs() },
    approvals: decisions.map(({ token }) => token),
    withdrawals: decisions.flatMap(({ withdrawal }) => withdrawal ?? []),
    about: await scopedParts(deps, record, bundle),
  });
  if (!enough)
    throw new FarcallError('LOCKED', `without locked people, too few have approved request ${record.id}`);
}
