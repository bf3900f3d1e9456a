import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { Change } from '../store/index.ts';

/** A lease that somebody got; another one of the same name has a greater epoch. */
export interface HeldLease {
  readonly name: string;
  readonly epoch: number;
}

/** Who drives which rollout: one controller at a time. */
export interface Leases {
  /** Takes the lease; undefined where somebody else holds it. */
  acquire(wish: {
    readonly name: string;
    readonly holder: string;
    readonly ttlMs: number;
  }): Promise<{ readonly epoch: number } | undefined>;
  /** Holds it for `ttlMs` from now on; false where it was lost. */
  renew(lease: HeldLease & { readonly ttlMs: number }): Promise<boolean>;
  release(lease: HeldLease): Promise<void>;
  /** Throws LEASE_LOST where the lease is not the newest of its name any more; part of the transaction that it fences. */
  require(change: Change, lease: HeldLease): Promise<void>;
}

/** Name of the lease of whoever drives the rollout of a request. */
export function rolloutLease(requestId: string): string {
  return `rollout ${requestId}`;
}

interface Holding {
  epoch: number;
  holder: string;
  expiresAtMs: number;
}

/** Leases within this process: a store that is a file has one controller. */
export function processLeases(clock: Clock): Leases {
  const leases = new Map<string, Holding>();
  const held = ({ name, epoch }: HeldLease): Holding | undefined => {
    const lease = leases.get(name);
    return lease?.epoch === epoch && lease.holder !== '' ? lease : undefined;
  };
  return {
    async acquire({ name, holder, ttlMs }) {
      const before = leases.get(name);
      const nowMs = clock.nowMs();
      if (before && before.holder !== holder && before.expiresAtMs > nowMs) return undefined;
      const epoch = (before?.epoch ?? 0) + 1;
      leases.set(name, { epoch, holder, expiresAtMs: nowMs + ttlMs });
      return { epoch };
    },
    async renew({ ttlMs, ...lease }) {
      const holding = held(lease);
      if (holding) holding.expiresAtMs = clock.nowMs() + ttlMs;
      return holding !== undefined;
    },
    async release(lease) {
      const holding = held(lease);
      if (holding) Object.assign(holding, { holder: '', expiresAtMs: 0 });
    },
    async require(_change, lease) {
      if (!held(lease)) throw new FarcallError('LEASE_LOST', `the lease ${lease.name} was lost`);
    },
  };
}
