import { toFarcallError } from '../../shared/errors/index.ts';
import {
  type ChangeFeed,
  type HeldLease,
  type LeaseStore,
  type RolloutStore,
  requireLease,
  rolloutLease,
} from '../store/index.ts';
import { type DriveDeps, driveRollout } from './drive.ts';
import { isLive } from './facts.ts';

/** The stores and services that {@link startDriver} uses. */
export interface DriverDeps extends DriveDeps {
  readonly rollouts: Pick<RolloutStore, 'find' | 'take' | 'open'>;
  readonly leases: LeaseStore;
  readonly changes: Pick<ChangeFeed, 'onAny'>;
  /** Names this run of this controller. */
  readonly holder: string;
}

/** Drives all rollouts that no other controller drives. */
export interface RolloutDriver {
  /**
   * Drives this one as far as it goes now; nothing where another controller does. Throws what stood in the
   * way.
   */
  drive(requestId: string): Promise<void>;
  /**
   * Takes rollouts that nobody drives; to be called now and then, because a driver can die without a word.
   */
  takeOver(): Promise<void>;
  /** Drives no more, and gives all leases back. */
  stop(): Promise<void>;
}

/** How long a driver that died keeps others from taking over, in milliseconds. */
const LEASE_MS = 6000;
const RENEW_MS = 2000;
/** How long after a failed step it is tried again. */
const AGAIN_MS = 1000;

interface Driven {
  lease: HeldLease | undefined;
  running: Promise<void> | undefined;
  again: boolean;
  timer: NodeJS.Timeout | undefined;
  /** Code of the error that it failed with last; said once. */
  failing: string | undefined;
}

/**
 * Starts the driver. It sleeps until something changes about a rollout that it drives, which the store tells
 * it, or until the time comes that the engine named; so a limit that is passed in the middle of a wave stops
 * the rollout at once.
 */
export function startDriver(deps: DriverDeps): RolloutDriver {
  const all = new Map<string, Driven>();
  let stopped = false;
  const entryOf = (requestId: string): Driven => {
    const known = all.get(requestId);
    if (known) return known;
    const fresh = {
      lease: undefined,
      running: undefined,
      again: false,
      timer: undefined,
      failing: undefined,
    };
    all.set(requestId, fresh);
    return fresh;
  };
  const forget = (requestId: string, { timer }: Driven): void => {
    clearTimeout(timer);
    all.delete(requestId);
  };
  const runOnce = async (requestId: string, entry: Driven): Promise<void> => {
    entry.lease ??= await acquire(deps, requestId);
    const { lease } = entry;
    if (!lease) return forget(requestId, entry);
    const dueAtMs = await driveRollout(deps, requestId, change => requireLease(change, lease));
    entry.failing = undefined;
    clearTimeout(entry.timer);
    if (dueAtMs !== undefined)
      entry.timer = setTimeout(() => wake(requestId), Math.max(0, dueAtMs - deps.clock.nowMs()));
    if (!isLive(await deps.rollouts.find(requestId))) {
      await deps.leases.release(lease);
      forget(requestId, entry);
    }
  };
  const run = async (requestId: string, entry: Driven): Promise<void> => {
    try {
      do {
        entry.again = false;
        await runOnce(requestId, entry);
      } while (entry.again && !stopped);
    } finally {
      entry.running = undefined;
    }
  };
  const drive = (requestId: string): Promise<void> => {
    if (stopped) return Promise.resolve();
    const entry = entryOf(requestId);
    if (entry.running) entry.again = true;
    else entry.running = run(requestId, entry);
    return entry.running;
  };
  const failed = (requestId: string, error: unknown): void => {
    const entry = all.get(requestId);
    const { code } = toFarcallError(error);
    if (!entry) return;
    if (entry.failing !== code)
      deps.log.warn({ request: requestId, code, err: error }, 'rollout cannot go on; it is tried again');
    entry.failing = code;
    if (code === 'LEASE_LOST') return forget(requestId, entry);
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => wake(requestId), AGAIN_MS);
  };
  const wake = (requestId: string): void => {
    drive(requestId).catch(error => failed(requestId, error));
  };
  // Only what is driven here: of others their own driver hears.
  const unsubscribe = deps.changes.onAny(requestId => {
    const woken = requestId === undefined ? [...all.keys()] : [requestId];
    for (const each of woken) if (all.has(each)) wake(each);
  });
  const renewing = setInterval(() => void renewAll(deps, all), RENEW_MS);
  return {
    async drive(requestId) {
      try {
        await drive(requestId);
      } catch (error) {
        failed(requestId, error);
        throw error;
      }
    },
    async takeOver() {
      for (const rollout of await deps.rollouts.open())
        if (isLive(rollout) && !all.has(rollout.requestId)) wake(rollout.requestId);
    },
    async stop() {
      stopped = true;
      unsubscribe();
      clearInterval(renewing);
      for (const { timer } of all.values()) clearTimeout(timer);
      await Promise.allSettled([...all.values()].map(({ running }) => running));
      const held = [...all.values()].flatMap(({ lease }) => lease ?? []);
      await Promise.allSettled(held.map(lease => deps.leases.release(lease)));
    },
  };
}

async function acquire({ leases, holder }: DriverDeps, requestId: string): Promise<HeldLease | undefined> {
  const name = rolloutLease(requestId);
  const got = await leases.acquire({ name, holder, ttlMs: LEASE_MS });
  return got && { name, epoch: got.epoch };
}

/** A lease that was lost is found out by the next step, which changes nothing then. */
async function renewAll({ leases }: DriverDeps, all: ReadonlyMap<string, Driven>): Promise<void> {
  for (const entry of all.values()) {
    const { lease } = entry;
    if (!lease) continue;
    const isHeld = await leases.renew({ ...lease, ttlMs: LEASE_MS }).catch(() => true);
    if (!isHeld && entry.lease === lease) entry.lease = undefined;
  }
}
