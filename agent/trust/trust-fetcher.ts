import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { backoffMs } from '../../shared/backoff/index.ts';
import type { CounterSet } from '../../shared/counters/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import {
  bundleStatementCodec,
  type SignedBundle,
  signedBundleCodec,
  trustQueryCodec,
  trustReplyCodec,
} from '../../shared/messages/index.ts';
import type { Bus } from '../bus/index.ts';
import type { HostTrustStore } from './host-trust-store.ts';

export interface TrustFetcherOptions {
  readonly bus: Pick<Bus, 'request'>;
  readonly host: string;
  readonly store: Pick<HostTrustStore, 'version' | 'offer' | 'hear'>;
  readonly counters: CounterSet;
  readonly log: Logger;
  readonly random: () => number;
  /** Up to how long after {@link TrustFetcher.ask} the query is sent: a fleet reconnects at one moment. */
  readonly jitterMs: number;
  /** Waits for that long, or until the signal is aborted; without it, timers of Node do. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const pauseByTimer = (ms: number, signal: AbortSignal) =>
  delay(ms, undefined, { signal }).catch(() => undefined);

const REPLY_TIMEOUT_MS = 5000;
const RETRY = { firstMs: 2000, mostMs: 300_000 };
/** The longest time that an order waits before the query that it causes is sent. */
const HINT_JITTER_MS = 2000;
/** How long hints that there is a newer bundle are ignored after one of them led to nothing. */
const HINT_PAUSE_MS = 30_000;
/** A reply holds at least one bundle, and the bundles before the newest are only those that change roots. */
const PAGES_LIMIT = 64;

/**
 * Asks the controller for trust bundles that are newer than this host's own. The trust store verifies them.
 */
export class TrustFetcher {
  readonly #options: TrustFetcherOptions;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #fetching: Promise<void> | undefined;
  #nextHintMs = 0;

  constructor(options: TrustFetcherOptions) {
    this.#options = options;
  }

  /** Asks soon, and again until there is an answer. To be called after each connection. */
  ask(): void {
    this.#schedule(this.#options.random() * this.#options.jitterMs, 1);
  }

  stop(): void {
    this.#stopped.abort();
    clearTimeout(this.#timer);
  }

  /** Receives a message on the subject of trust bundles, from anybody who may publish there. Never throws. */
  async take(bytes: Uint8Array): Promise<void> {
    let signed: SignedBundle;
    try {
      signed = signedBundleCodec.decode(bytes);
    } catch (thrown) {
      const { code, message } = toFarcallError(thrown);
      this.#options.log.debug(
        { code, reason: message },
        'the agent ignores a message: it is not a trust bundle',
      );
      return;
    }
    const refusal = await this.#options.store.offer(signed);
    // It may be signed by new roots, if this host missed the bundle that changed them.
    if (refusal === 'TRUST_SIGNATURES') await this.#followHint();
  }

  /** Receives a message on the subject of statements, from anybody who may publish there. Never throws. */
  async takeStatement(bytes: Uint8Array): Promise<void> {
    let token: string;
    try {
      ({ token } = bundleStatementCodec.decode(bytes));
    } catch (thrown) {
      return this.#ignoreStatement(thrown);
    }
    await this.hear(token);
  }

  /**
   * Verifies a `freshness` token, and fetches the bundle that it names if that is newer; undefined is
   * ignored. Never throws. If its controller is not known, it may be known by a newer bundle.
   */
  async hear(token: string | undefined): Promise<void> {
    if (token === undefined) return;
    try {
      const newer = await this.#options.store.hear(token);
      if (newer !== undefined) await this.catchUp(newer);
    } catch (thrown) {
      this.#ignoreStatement(thrown);
      if (toFarcallError(thrown).code === 'TOKEN_KEY_UNKNOWN') await this.#followHint();
    }
  }

  #ignoreStatement(thrown: unknown): void {
    const { code, message } = toFarcallError(thrown);
    const { counters, log } = this.#options;
    const level = code === 'TRUST_EQUIVOCATION' ? 'error' : code === 'TRUST_MISSING' ? 'debug' : 'warn';
    if (counters.countAndSample(`trust.ignored.${code}`))
      log[level]({ code, reason: message }, 'the agent ignores a statement about the newest trust bundle');
  }

  /**
   * Fetches trust bundles up to `version`, if an order names a newer one than this host has; without
   * `version` up to the newest, if a query is from a controller that this host does not know. Returns when
   * that is done or has failed; the order or query is then verified with the bundle that there is.
   *
   * Threat: the order or query is not verified yet, since its controller's key may be in the newer bundle.
   * Anybody who can publish orders could name versions that do not exist and make the whole fleet ask. So the
   * queries are spread out, and after a hint that led to nothing, hints are ignored for a while.
   */
  async catchUp(version = Number.POSITIVE_INFINITY): Promise<void> {
    if (version > this.#options.store.version) await this.#followHint(version);
  }

  async #followHint(version = Number.POSITIVE_INFINITY): Promise<void> {
    const { store, random, jitterMs, pause = pauseByTimer } = this.#options;
    if (performance.now() < this.#nextHintMs || this.#stopped.signal.aborted) return;
    await pause(random() * Math.min(jitterMs, HINT_JITTER_MS), this.#stopped.signal);
    const before = store.version;
    if (version <= before || this.#stopped.signal.aborted) return;
    const answered = await this.#fetch().then(
      () => true,
      () => false,
    );
    if (store.version > before) return;
    this.#nextHintMs = performance.now() + HINT_PAUSE_MS;
    if (!answered) this.#schedule(backoffMs(1, RETRY, random), 2);
  }

  #schedule(delayMs: number, failures: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped.signal.aborted) this.#timer = setTimeout(() => void this.#askNow(failures), delayMs);
  }

  async #askNow(failures: number): Promise<void> {
    const { log, random } = this.#options;
    try {
      await this.#fetch();
    } catch (thrown) {
      const retryMs = backoffMs(failures, RETRY, random);
      const { code, message } = toFarcallError(thrown);
      log.debug({ code, reason: message, retryMs }, 'no controller sent its trust bundles');
      this.#schedule(retryMs, failures + 1);
    }
  }

  /**
   * Runs one walk at a time; a caller during a walk awaits that one. Throws if a page could not be fetched.
   */
  #fetch(): Promise<void> {
    this.#fetching ??= this.#walk().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  /**
   * Fetches newer bundles page by page, from one change of roots to the next. Bundles that cannot be verified
   * are skipped: a host that was set up after a change of roots pins the new roots, and does not know the old
   * ones.
   */
  async #walk(): Promise<void> {
    const { bus, host, store } = this.#options;
    let afterVersion = store.version;
    let freshness: string | undefined;
    for (let page = 0; page < PAGES_LIMIT && !this.#stopped.signal.aborted; page++) {
      const query = trustQueryCodec.encode({ host, afterVersion });
      const reply = trustReplyCodec.decode(await bus.request('trust', query, REPLY_TIMEOUT_MS));
      for (const signed of reply.bundles) await store.offer(signed);
      freshness = reply.freshness;
      if (reply.lastVersion <= afterVersion || reply.lastVersion >= reply.newestVersion) break;
      afterVersion = reply.lastVersion;
    }
    if (freshness === undefined) return;
    // What it names was just asked for, so there is nothing to fetch.
    await store.hear(freshness).catch(thrown => this.#ignoreStatement(thrown));
  }
}
