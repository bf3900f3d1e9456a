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
   * Drives this one as far as it goes now, unless another controller drives it. Throws what prevented a step.
   */
  drive(requestId: string): Promise<void>;
  /**
   * Takes rollouts that nobody drives; to be called now and then, because another driver may die silently.
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
  /** Whether something changed while it was running. */
  again: boolean;
  timer: NodeJS.Timeout | undefined;
  /** Code of the error that it failed with last; logged once. */
  failing: string | undefined;
}

/**
 * Starts the driver. It sleeps until the store notifies it of a change to a rollout that it drives, or until
 * the time comes that `decide` named. So a limit that is passed in the middle of a wave stops the rollout at
 * once.
 */
export function startDriver(deps: DriverDeps): RolloutDriver {
  const driver = new Driver(deps);
  return {
    drive: requestId => driver.driveAndReport(requestId),
    takeOver: () => driver.takeOver(),
    stop: () => driver.stop(),
  };
}

class Driver {
  readonly #deps: DriverDeps;
  readonly #driven = new Map<string, Driven>();
  readonly #unsubscribe: () => void;
  readonly #renewing: NodeJS.Timeout;
  #stopped = false;

  constructor(deps: DriverDeps) {
    this.#deps = deps;
    // Only rollouts that are driven here: of the others, their own driver is notified.
    this.#unsubscribe = deps.changes.onAny(requestId => {
      const changed = requestId === undefined ? [...this.#driven.keys()] : [requestId];
      for (const each of changed) if (this.#driven.has(each)) this.#wake(each);
    });
    this.#renewing = setInterval(() => void renewAll(deps, this.#driven), RENEW_MS);
  }

  async driveAndReport(requestId: string): Promise<void> {
    try {
      await this.#drive(requestId);
    } catch (error) {
      this.#failed(requestId, error);
      throw error;
    }
  }

  async takeOver(): Promise<void> {
    for (const rollout of await this.#deps.rollouts.open())
      if (isLive(rollout) && !this.#driven.has(rollout.requestId)) this.#wake(rollout.requestId);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    clearInterval(this.#renewing);
    for (const { timer } of this.#driven.values()) clearTimeout(timer);
    await Promise.allSettled([...this.#driven.values()].map(({ running }) => running));
    const held = [...this.#driven.values()].flatMap(({ lease }) => lease ?? []);
    await Promise.allSettled(held.map(lease => this.#deps.leases.release(lease)));
  }

  #wake(requestId: string): void {
    this.#drive(requestId).catch(error => this.#failed(requestId, error));
  }

  #drive(requestId: string): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const entry = this.#entryOf(requestId);
    if (entry.running) entry.again = true;
    else entry.running = this.#run(requestId, entry);
    return entry.running;
  }

  async #run(requestId: string, entry: Driven): Promise<void> {
    try {
      do {
        entry.again = false;
        await this.#runOnce(requestId, entry);
      } while (entry.again && !this.#stopped);
    } finally {
      entry.running = undefined;
    }
  }

  async #runOnce(requestId: string, entry: Driven): Promise<void> {
    entry.lease ??= await acquire(this.#deps, requestId);
    const { lease } = entry;
    if (!lease) return this.#forget(requestId, entry);
    const dueAtMs = await driveRollout(this.#deps, requestId, change => requireLease(change, lease));
    entry.failing = undefined;
    clearTimeout(entry.timer);
    if (dueAtMs !== undefined) this.#wakeAfter(requestId, entry, dueAtMs - this.#deps.clock.nowMs());
    if (isLive(await this.#deps.rollouts.find(requestId))) return;
    await this.#deps.leases.release(lease);
    this.#forget(requestId, entry);
  }

  #failed(requestId: string, error: unknown): void {
    const entry = this.#driven.get(requestId);
    const { code } = toFarcallError(error);
    if (!entry) return;
    if (entry.failing !== code)
      this.#deps.log.warn({ request: requestId, code, err: error }, 'rollout step failed; it is tried again');
    entry.failing = code;
    if (code === 'LEASE_LOST') return this.#forget(requestId, entry);
    clearTimeout(entry.timer);
    this.#wakeAfter(requestId, entry, AGAIN_MS);
  }

  #wakeAfter(requestId: string, entry: Driven, delayMs: number): void {
    entry.timer = setTimeout(() => this.#wake(requestId), Math.max(0, delayMs));
  }

  #entryOf(requestId: string): Driven {
    const known = this.#driven.get(requestId);
    if (known) return known;
    const fresh = {
      lease: undefined,
      running: undefined,
      again: false,
      timer: undefined,
      failing: undefined,
    };
    this.#driven.set(requestId, fresh);
    return fresh;
  }

  #forget(requestId: string, { timer }: Driven): void {
    clearTimeout(timer);
    this.#driven.delete(requestId);
  }
}

async function acquire({ leases, holder }: DriverDeps, requestId: string): Promise<HeldLease | undefined> {
  const name = rolloutLease(requestId);
  const acquired = await leases.acquire({ name, holder, ttlMs: LEASE_MS });
  return acquired && { name, epoch: acquired.epoch };
}

/** If a lease was lost, the next step finds that out, and writes nothing. */
async function renewAll({ leases }: DriverDeps, driven: ReadonlyMap<string, Driven>): Promise<void> {
  for (const entry of driven.values()) {
    const { lease } = entry;
    if (!lease) continue;
    const isHeld = await leases.renew({ ...lease, ttlMs: LEASE_MS }).catch(() => true);
    if (!isHeld && entry.lease === lease) entry.lease = undefined;
  }
}
