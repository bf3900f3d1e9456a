import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { LockSubmission, LockView } from '../../shared/messages/index.ts';
import { tokenDigest } from '../../shared/tokens/index.ts';
import { keysToLock, requireHostInScope, verifyLock, verifyUnlock } from '../../shared/trust/index.ts';
import type { Logger } from '../log/index.ts';
import type { HostKeyStore, Locked, LockProof, LockRecord, LockStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';
import type { LockRegistry } from './lock-registry.ts';
import type { LoginEnforcer } from './login-enforcer.ts';

/** The stores and services that {@link lockManagement} uses. */
export interface LockDeps {
  readonly locks: Pick<LockStore, 'set' | 'end'>;
  readonly hostKeys: Pick<HostKeyStore, 'find'>;
  readonly lockRegistry: LockRegistry;
  readonly loginEnforcer: Pick<LoginEnforcer, 'enforce'>;
  readonly trust: TrustSource;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Actions of operators on locks. `submittedBy` is the name of the operator who hands a signature in. */
export interface LockManagement {
  lock(submission: LockSubmission, submittedBy: string): Promise<LockView>;
  unlock(submission: LockSubmission, submittedBy: string): Promise<LockView>;
  list(): readonly LockView[];
}

/**
 * Sets, ends and lists locks.
 *
 * A lock takes rights away at once, by one approver: of a host (it gets no orders, is not heard, and is off
 * the broker), of a person (their keys count for nothing at the controllers), of a controller (it signs no
 * orders and is off the broker). The lock of a person or controller is on the keys that the bundle lists
 * then: a bundle with other keys ends it in effect, and so the roots can always undo a lock.
 *
 * Threat: somebody with one approver's key ends a lock, or locks everybody out. Nobody who is locked can end
 * a lock, theirs included, because their key is not accepted. All of it is in the audit log. Hosts learn of
 * locked people only from the next bundle, so what was ordered before the lock may still run on them.
 *
 * Threat: a controller, or somebody who writes its database, locks people in the name of an approver, or ends
 * the lock of a thief. Each lock and each end is that person's signature, which the store keeps and the
 * auditor verifies.
 *
 * Threat: an approver for some hosts locks others, or ends the lock of a host that is not theirs. People and
 * controllers are nobody's hosts: every approver can lock them, since a thief must be stopped at once.
 */
export function lockManagement(deps: LockDeps): LockManagement {
  const { locks, hostKeys, lockRegistry, loginEnforcer, trust, clock, log } = deps;
  const changed = async (record: LockRecord): Promise<LockView> => {
    await lockRegistry.refresh();
    return { ...viewOf(record), broker: await loginEnforcer.enforce() };
  };
  const verification = (token: string, submittedBy: string) => {
    const bundle = trust.current();
    const proof: LockProof = { token, submittedBy, trustVersion: bundle.version };
    return { toVerify: { token, bundle, nowMs: clock.nowMs() }, proof };
  };
  const requireScope = async (person: string, { kind, name }: Locked): Promise<void> => {
    if (kind !== 'host') return;
    const labels = (await hostKeys.find(name))?.labels ?? {};
    requireHostInScope(trust.current(), person, { host: name, labels });
  };
  return {
    async lock({ token }, submittedBy) {
      const { toVerify, proof } = verification(token, submittedBy);
      const { kind, name, reason, by } = await verifyLock(toVerify);
      await requireScope(by, { kind, name });
      const kids = keysToLock(trust.signed(), { kind, name });
      const record = await locks.set({ kind, name, kids, reason, lockedBy: by, proof });
      log.warn({ kind, name, reason, operator: by, submittedBy }, 'lock set');
      return changed(record);
    },
    async unlock({ token }, submittedBy) {
      const { toVerify, proof } = verification(token, submittedBy);
      const { lock, reason, by } = await verifyUnlock(toVerify);
      await lockRegistry.refresh();
      const locked = lockRegistry.all().find(each => tokenDigest(each.token) === lock);
      if (!locked)
        throw new FarcallError('NOT_FOUND', 'this lock has ended; farcall locks lists those that stand');
      await requireScope(by, locked);
      await locks.end({ lock: locked, reason, endedBy: by, proof });
      const { kind, name } = locked;
      log.warn({ kind, name, reason, operator: by, submittedBy }, 'lock ended');
      return changed(locked);
    },
    list: () => lockRegistry.all().map(viewOf),
  };
}

function viewOf({ kids: _kids, ...record }: LockRecord): LockView {
  return record;
}
