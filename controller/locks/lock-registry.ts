import { keysToLock, type TrustBundle, verifyLock } from '../../shared/trust/index.ts';
import type { Logger } from '../log/index.ts';
import type { LockRecord, LockStore } from '../store/index.ts';

/** The locks that stand, at hand for every decision. */
export interface LockRegistry {
  all(): readonly LockRecord[];
  /** Ids of the keys of locked people and controllers. The set is another object once a lock has changed. */
  lockedKids(): ReadonlySet<string>;
  /** Reads the locks, which another controller may have changed. Returns whether there was a change. */
  refresh(): Promise<boolean>;
}

/** The inputs of {@link openLockRegistry}. */
export interface LockRegistryDeps {
  readonly locks: Pick<LockStore, 'read'>;
  /** The newest trust bundle; a lock whose row is lost must be signed by one of its approvers. */
  readonly newest: () => TrustBundle | undefined;
  readonly log: Pick<Logger, 'error'>;
}

/**
 * Opens the registry with the locks that stand now.
 *
 * Threat: somebody who can write to the database ends the lock of a thief. A lock that was once known here
 * stands until a controller wrote that it ended, even if its row is gone. If rows were tampered with, a lock
 * of which only the audit log tells stands as well, provided that an approver signed it: a forged entry of
 * the log locks nobody. Who removes both row and entry before a controller starts has ended the lock there;
 * the audit finds that.
 */
export async function openLockRegistry(deps: LockRegistryDeps): Promise<LockRegistry> {
  let current: readonly LockRecord[] = [];
  let kids: ReadonlySet<string> = new Set();
  let lostCount = 0;
  const refresh = async (): Promise<boolean> => {
    const { standing, ended, lost } = await deps.locks.read();
    const stored = new Set(standing.map(({ token }) => token));
    const kept = current.filter(({ token }) => !stored.has(token) && !ended.has(token));
    const keptTokens = new Set(kept.map(({ token }) => token));
    const logged = lost.filter(({ token }) => !keptTokens.has(token));
    const signed = await signedLocks(logged, deps.newest());
    const rowless = [...kept, ...signed];
    if (rowless.length > 0 && rowless.length !== lostCount)
      deps.log.error(
        { locks: rowless.map(({ kind, name }) => `${kind} ${name}`) },
        'store has lost rows of locks that stand: run farcall audit verify',
      );
    lostCount = rowless.length;
    const next = [...standing, ...rowless];
    if (JSON.stringify(next) === JSON.stringify(current)) return false;
    current = next;
    kids = new Set(next.flatMap(lock => lock.kids));
    return true;
  };
  await refresh();
  return { all: () => current, lockedKids: () => kids, refresh };
}

async function signedLocks(
  locks: readonly LockRecord[],
  bundle: TrustBundle | undefined,
): Promise<readonly LockRecord[]> {
  if (!bundle) return [];
  const signed = await Promise.all(locks.map(lock => signedLock(lock, bundle).catch(() => undefined)));
  return signed.filter(lock => lock !== undefined);
}

/**
 * The lock as its token says it, on no other keys than its person or controller has; throws if not signed.
 */
async function signedLock(lock: LockRecord, bundle: TrustBundle): Promise<LockRecord> {
  const { token, lockedAtMs: nowMs } = lock;
  const { kind, name, by, reason } = await verifyLock({ token, bundle, nowMs });
  const theirs = new Set(keysToLock(bundle, { kind, name }));
  return { ...lock, kind, name, reason, lockedBy: by, kids: lock.kids.filter(kid => theirs.has(kid)) };
}
