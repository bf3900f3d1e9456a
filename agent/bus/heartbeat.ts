import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock/index.ts';
import type { CounterSet } from '../../shared/counters/index.ts';
import { HEARTBEAT_INTERVAL_MS } from '../../shared/limits/index.ts';
import {
  type HostHeartbeat,
  hostHeartbeatCodec,
  type JournalPositionMessage,
  signedHeartbeatCodec,
} from '../../shared/messages/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import type { HostIdentity } from '../identity/index.ts';
import type { KernelHealth } from '../stages/index.ts';
import type { Bus } from './bus.ts';

/** How new the trust bundle of this host is. */
export interface TrustStatus {
  /** 0 if there is none. */
  readonly version: number;
  readonly confirmedAtMs: number;
  readonly newer?: { readonly version: number } | undefined;
}

/** The contents of a heartbeat, and how it is sent. */
export interface HeartbeatOptions {
  readonly bus: Pick<Bus, 'publish' | 'isConnected'>;
  readonly identity: HostIdentity;
  /** Reads the kernel's health again. */
  readonly health: () => KernelHealth;
  /** How many results no controller has committed yet. */
  readonly waitingResults: () => number;
  /** Which trust bundle this host goes by, and what controllers stated about the newest. */
  readonly trust: () => TrustStatus;
  /** How far the journal has come; undefined while no controller admits this host. */
  readonly journal: () => JournalPositionMessage | undefined;
  readonly clock: Clock;
  readonly counters: CounterSet;
  readonly log: Logger;
}

/**
 * If the next heartbeat would follow the last one sooner than this, the timer was early, and the last one was
 * the one that was due.
 */
const NOT_BEFORE_MS = HEARTBEAT_INTERVAL_MS / 2;

/**
 * Milliseconds from `nowMs` to the next heartbeat of `host`. The name of a host decides its moment in the
 * interval, so that the heartbeats of a fleet are spread evenly, whenever its hosts started or came back.
 */
export function untilHeartbeatMs(host: string, nowMs: number): number {
  const number = Buffer.from(sha256(Buffer.from(host, 'utf8'))).readUInt32BE(0);
  const phaseMs = Math.floor((number / 2 ** 32) * HEARTBEAT_INTERVAL_MS);
  const sinceMs =
    (((nowMs - phaseMs) % HEARTBEAT_INTERVAL_MS) + HEARTBEAT_INTERVAL_MS) % HEARTBEAT_INTERVAL_MS;
  return HEARTBEAT_INTERVAL_MS - sinceMs;
}

/**
 * Tells controllers periodically, signed, that this host is alive, and whether its kernel is the same and
 * healthy.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** Starts; the first heartbeat is sent within the interval. */
  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#wait(0);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /**
   * Sends a heartbeat now if there is a connection. Never throws: if the kernel cannot be read, this host
   * logs why and sends nothing.
   */
  async say(): Promise<void> {
    const { bus, identity, clock, counters, log } = this.#options;
    if (!bus.isConnected()) return;
    try {
      const heartbeat = hostHeartbeatCodec.encode(this.#now());
      const signature = await identity.sign('heartbeat', heartbeat, clock.nowMs());
      bus.publish('heartbeat', signedHeartbeatCodec.encode({ heartbeat, signature }));
      counters.count('heartbeat.sent');
    } catch (error) {
      if (counters.countAndSample('heartbeat.failed'))
        log.error({ err: error }, 'the heartbeat cannot be sent');
    }
  }

  #now(): HostHeartbeat {
    const { identity, health, waitingResults, clock, trust } = this.#options;
    const { version, confirmedAtMs, newer } = trust();
    const { bootId, taint, oops } = health();
    const journal = this.#options.journal();
    return {
      ...{ host: identity.host, bootId, taint },
      observedAtMs: clock.nowMs(),
      waitingResults: waitingResults(),
      ...{ trustVersion: version, trustConfirmedAtMs: confirmedAtMs },
      ...(newer && { newerTrustVersion: newer.version }),
      ...(journal && { journal }),
      ...(oops && { oops: oops.line, oopsAtMs: oops.noticedAtMs }),
    };
  }

  #wait(atLeastMs: number): void {
    if (this.#stopped) return;
    const nextMs = untilHeartbeatMs(this.#options.identity.host, this.#options.clock.nowMs());
    this.#timer = setTimeout(
      () => void this.say().then(() => this.#wait(NOT_BEFORE_MS)),
      nextMs < atLeastMs ? nextMs + HEARTBEAT_INTERVAL_MS : nextMs,
    );
  }
}
