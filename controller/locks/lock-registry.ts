import type { LockRecord, LockStore } from '../store/index.ts';

/** The locks that stand, at hand for every decision. */
export interface LockRegistry {
  all(): readonly LockRecord[];
  /** Ids of the keys of locked people and controllers. The set is another object once a lock has changed. */
  lockedKids(): ReadonlySet<string>;
  /** Reads the locks, which another controller may have changed. Returns whether there was a change. */
  refresh(): Promise<boolean>;
}

/** Opens the registry with the locks that stand now. */
export async function openLockRegistry(locks: Pick<LockStore, 'standing'>): Promise<LockRegistry> {
  let current = await locks.standing();
  let kids: ReadonlySet<string> = new Set(current.flatMap(lock => lock.kids));
  return {
    all: () => current,
    lockedKids: () => kids,
    async refresh() {
      const next = await locks.standing();
      if (JSON.stringify(next) === JSON.stringify(current)) return false;
      current = next;
      kids = new Set(next.flatMap(lock => lock.kids));
      return true;
    },
  };
}
