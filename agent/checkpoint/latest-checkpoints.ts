import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import { splitCanonicalToken, type TokenClaims, verifyToken } from '../../shared/tokens/index.ts';
import { keyringOf, type TrustBundle } from '../../shared/trust/index.ts';
import {
  HELD_LIMIT,
  type HeldCheckpoints,
  readHeldCheckpoints,
  writeHeldCheckpoints,
} from './held-checkpoints.ts';

export interface LatestCheckpointsOptions {
  readonly stateDirectory: string;
  /** The current bundle: its controllers may sign checkpoints. */
  readonly bundle: () => TrustBundle;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** Up to how long after {@link LatestCheckpoints.offer} a checkpoint is verified. */
  readonly jitterMs: number;
}

/**
 * Keeps the newest checkpoints of the controller's audit log that this host has received.
 *
 * Threat: an attacker who has taken over the controller, its key and its database could remove what a fleet
 * has run from the record. They cannot take back a checkpoint that this host holds: the host reports its
 * newest checkpoint, keeps it over restarts, and never replaces it with an older one.
 */
export class LatestCheckpoints {
  readonly #options: LatestCheckpointsOptions;
  #held: HeldCheckpoints;
  #newest: TokenClaims<'checkpoint'> | undefined;
  readonly #offered = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #onContradicted: (() => void) | undefined;

  /**
   * Reads the stored checkpoints. If the file cannot be used, that is logged, and the next checkpoint
   * replaces it.
   */
  constructor(options: LatestCheckpointsOptions) {
    this.#options = options;
    try {
      this.#held = readHeldCheckpoints(options.stateDirectory);
      this.#newest = claimsOf(this.#held.newest.at(-1));
    } catch (error) {
      options.log.error({ err: error }, 'the agent cannot use the checkpoints of this host');
      this.#held = { newest: [], contradicting: [] };
    }
  }

  /**
   * Has `listener` called when the controller's log contradicts what this host holds, so that controllers can
   * be told.
   */
  onContradicted(listener: () => void): void {
    this.#onContradicted = listener;
  }

  /** The newest checkpoint, which the hello carries; undefined if this host has none. */
  newest(): string | undefined {
    return this.#held.newest.at(-1);
  }

  /**
   * Takes a controller's checkpoint soon, but not now: each reply to a fleet that has just run something
   * carries one, and verifying and syncing it takes a host half as long as an order.
   */
  offer(token: string | undefined): void {
    if (token === undefined || this.#has(token) || this.#offered.size >= HELD_LIMIT) return;
    this.#offered.add(token);
    const { random, jitterMs } = this.#options;
    this.#timer ??= setTimeout(() => void this.takeOffered(), random() * jitterMs);
  }

  /** Takes now the checkpoints that were offered; later ones wait again. */
  async takeOffered(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const offered = [...this.#offered];
    this.#offered.clear();
    for (const token of offered) await this.take(token);
  }

  /** Verifies a controller's checkpoint and stores it. Never throws: results matter more than checkpoints. */
  async take(token: string | undefined): Promise<void> {
    if (token === undefined || this.#has(token)) return;
    const { bundle, clock, log } = this.#options;
    try {
      const { site, controllers } = bundle();
      const keyring = keyringOf(controllers);
      const { claims } = await verifyToken('checkpoint', token, { site, keyring, nowMs: clock.nowMs() });
      this.#compare(token, claims);
    } catch (error) {
      log.warn({ reason: toFarcallError(error).message }, 'the agent refused a checkpoint');
    }
  }

  #has(token: string): boolean {
    return this.#held.newest.includes(token) || this.#held.contradicting.includes(token);
  }

  #compare(token: string, claims: TokenClaims<'checkpoint'>): void {
    const before = this.#newest;
    const goesOn = !before || (before.store === claims.store && before.seq < claims.seq);
    if (goesOn) {
      this.#newest = claims;
      this.#keep({ ...this.#held, newest: [...this.#held.newest, token].slice(-HELD_LIMIT) });
      return;
    }
    // Two controllers, or one that started again, may have signed the same head.
    if (before.store === claims.store && before.seq === claims.seq && before.hash === claims.hash) return;
    const { log } = this.#options;
    const about = { had: shown(before), got: shown(claims) };
    log.error(about, "the controller's audit log went back: its database was replaced, cut or rewritten");
    // The first evidence stays; once the list is full, more adds nothing.
    const contradicting = [...this.#held.contradicting, token].slice(0, HELD_LIMIT);
    if (contradicting.length === this.#held.contradicting.length) return;
    this.#keep({ ...this.#held, contradicting });
    this.#onContradicted?.();
  }

  #keep(held: HeldCheckpoints): void {
    this.#held = held;
    writeHeldCheckpoints(this.#options.stateDirectory, held);
  }
}

function claimsOf(token: string | undefined): TokenClaims<'checkpoint'> | undefined {
  // It was verified before it was written here, by a key that may have left the bundle since.
  return token === undefined ? undefined : (splitCanonicalToken(token).payload as TokenClaims<'checkpoint'>);
}

function shown({ store, seq, hash }: TokenClaims<'checkpoint'>) {
  return { store, seq, hash };
}
