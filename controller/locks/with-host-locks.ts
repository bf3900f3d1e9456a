import type { HostKeyStore, HostRecord, HostStore } from '../store/index.ts';
import type { LockRegistry } from './lock-registry.ts';

/** The parts of a store that say whether a host is locked. */
interface LockedHostStores {
  readonly hostKeys: HostKeyStore;
  readonly hosts: HostStore;
}

/**
 * `store` with the locks on hosts that are known here, whether or not the store still has their rows.
 *
 * Threat: as that of `openLockRegistry`: the row of a lock on a host is removed, and the host is heard again.
 */
export function withHostLocks<S extends LockedHostStores>(store: S, registry: Pick<LockRegistry, 'all'>): S {
  const reasonFor = (host: string): string | undefined =>
    registry.all().find(({ kind, name }) => kind === 'host' && name === host)?.reason;
  const locked = <R extends HostRecord>(record: R): R => ({
    ...record,
    lockReason: record.lockReason ?? reasonFor(record.host),
  });
  const { hostKeys, hosts } = store;
  return {
    ...store,
    hostKeys: {
      async find(host) {
        const found = await hostKeys.find(host);
        return found && { ...found, lockReason: found.lockReason ?? reasonFor(host) };
      },
    },
    hosts: {
      ...hosts,
      all: async () => (await hosts.all()).map(locked),
      async find(host) {
        const found = await hosts.find(host);
        return found && locked(found);
      },
    },
  };
}
