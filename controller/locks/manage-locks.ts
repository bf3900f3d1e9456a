import { FarcallError } from '../../shared/errors/index.ts';
import type { LockDraft, LockView } from '../../shared/messages/index.ts';
import { keyId } from '../../shared/tokens/index.ts';
import type { TrustBundle } from '../../shared/trust/index.ts';
import type { Logger } from '../log/index.ts';
import type { LockRecord, LockStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';
import type { LockRegistry } from './lock-registry.ts';
import type { LoginEnforcer } from './login-enforcer.ts';

/** The stores and services that {@link lockManagement} uses. */
export interface LockDeps {
  readonly locks: Pick<LockStore, 'set' | 'end'>;
  readonly lockRegistry: LockRegistry;
  readonly loginEnforcer: LoginEnforcer;
  readonly trust: TrustSource;
  readonly log: Logger;
}

/** Actions of operators on locks. `actor` is the name of the operator. */
export interface LockManagement {
  lock(draft: LockDraft, actor: string): Promise<LockView>;
  unlock(draft: LockDraft, actor: string): Promise<LockView>;
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
 */
export function lockManagement(deps: LockDeps): LockManagement {
  const { locks, lockRegistry, loginEnforcer, trust, log } = deps;
  const changed = async (record: LockRecord): Promise<LockView> => {
    await lockRegistry.refresh();
    return { ...viewOf(record), broker: await loginEnforcer.enforce() };
  };
  return {
    async lock({ kind, name, reason }, actor) {
      const kids = kind === 'host' ? [] : keysOf(trust.signed(), kind, name);
      const record = await locks.set({ kind, name, kids, reason, lockedBy: actor });
      log.warn({ kind, name, reason, operator: actor }, 'lock set');
      return changed(record);
    },
    async unlock({ kind, name, reason }, actor) {
      const record = await locks.end({ kind, name, reason, endedBy: actor });
      log.warn({ kind, name, reason, operator: actor }, 'lock ended');
      return changed(record);
    },
    list: () => lockRegistry.all().map(viewOf),
  };
}

function viewOf({ kids: _kids, ...record }: LockRecord): LockView {
  return record;
}

/**
 * Ids of the keys of a person or controller, in any role. Throws NOT_FOUND if the bundle has no such name.
 */
function keysOf(bundle: TrustBundle, kind: 'person' | 'controller', name: string): string[] {
  const members = kind === 'controller' ? bundle.controllers : [...bundle.requesters, ...bundle.approvers];
  const kids = members.filter(member => member.name === name).flatMap(({ keys }) => keys.map(keyId));
  if (kids.length === 0)
    throw new FarcallError('NOT_FOUND', `trust bundle ${bundle.version} has no ${kind} ${name}`);
  return [...new Set(kids)].sort();
}
