import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock/index.ts';
import type { CounterSet } from '../../shared/counters/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import type { SignedBundle } from '../../shared/messages/index.ts';
import { digestText, verifyToken } from '../../shared/tokens/index.ts';
import {
  checkLeast,
  evaluateBundle,
  keyringOf,
  type LeastBundle,
  type PinnedRoots,
  type TrustBundle,
  type VerifiedBundle,
} from '../../shared/trust/index.ts';
import type { BundleStatements } from '../verify/index.ts';
import { StatementLog } from './statement-log.ts';
import { type TrustFiles, trustFiles } from './trust-files.ts';

/** The bundle by which a host decides at one moment. */
export interface CurrentTrust {
  readonly bundle: TrustBundle;
  /**
   * Whether this host has ever seen this bundle expire: then it stays expired, whatever the clock says later.
   */
  readonly bundleIsOver: boolean;
  /** What controllers have stated about which bundle is the newest. */
  readonly statements: BundleStatements;
}

export interface HostTrustStoreOptions {
  readonly stateDirectory: string;
  /** The roots that this host was given. They are used until the first bundle is accepted. */
  readonly pinned: PinnedRoots;
  /** The bundle that its enrolment token named; undefined for a host that was set up by hand. */
  readonly least?: LeastBundle | undefined;
  readonly clock: Clock;
  readonly counters: CounterSet;
  readonly log: Logger;
}

/** Most bundles that wait to be evaluated. No controller sends more at once. */
const WAITING_LIMIT = 16;

/**
 * The newest trust bundle that this host has accepted, in memory and on the disk.
 *
 * Threats:
 * - A hostile broker sends garbage, old bundles, or a flood of them: `evaluateBundle` refuses them, few may
 *   wait at one time, and refusals are sampled in the log.
 * - A crash comes between receiving a bundle and storing it: a bundle is used only after it is on the disk.
 * - A clock is put back so that an expired bundle becomes valid again: once this host has seen a bundle
 *   expire, the disk records it. Only a newer bundle helps then, also if the clock had been wrong.
 * - A host is given an old bundle at first contact, and obeys people who were removed since: its enrolment
 *   names the bundle that was the newest then. A bundle from an earlier life of the machine that is older
 *   than that is not used either.
 */
export class HostTrustStore {
  readonly #options: HostTrustStoreOptions;
  readonly #files: TrustFiles;
  #current: VerifiedBundle | undefined;
  readonly #statements: StatementLog;
  #isOver = false;
  #judging: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #changed: (() => void) | undefined;

  private constructor(
    options: HostTrustStoreOptions,
    files: TrustFiles,
    current: VerifiedBundle | undefined,
  ) {
    this.#options = options;
    this.#files = files;
    this.#current = current;
    this.#isOver = current !== undefined && files.isOver(current);
    const { stateDirectory, clock, log } = options;
    this.#statements = new StatementLog({
      ...{ stateDirectory, log, nowMs: clock.nowMs() },
      current: this.version,
    });
  }

  /**
   * Opens the bundle that was stored in the state directory. Throws TRUST_INVALID if it is damaged, and
   * TRUST_EQUIVOCATION if the enrolment names another one of that version.
   */
  static async open(options: HostTrustStoreOptions): Promise<HostTrustStore> {
    const files = trustFiles(options.stateDirectory);
    return new HostTrustStore(options, files, notOlder(await files.load(), options));
  }

  /** Has `changed` called whenever a newer bundle is accepted. */
  onChanged(changed: () => void): void {
    this.#changed = changed;
  }

  /** Version of the bundle; 0 if there is none yet. */
  get version(): number {
    return this.#current?.bundle.version ?? 0;
  }

  /** Whom this host obeys, for the log: names only. */
  about(): Record<string, unknown> {
    return this.#current ? aboutBundle(this.#current) : { trustVersion: 0 };
  }

  /** The bundle to decide by at this moment. Throws TRUST_MISSING if this host never had a bundle. */
  now(): CurrentTrust {
    const current = this.#current;
    if (!current)
      throw new FarcallError('TRUST_MISSING', 'this host has no trust bundle yet; it asks the controller');
    if (!this.#isOver && this.#options.clock.nowMs() >= current.bundle.expiresAtMs) this.#markOver(current);
    const { statements } = this.#statements;
    return { bundle: current.bundle, bundleIsOver: this.#isOver, statements };
  }

  /**
   * The version of the bundle and what controllers have stated about the newest one, also without a bundle.
   */
  status(): BundleStatements & { readonly version: number } {
    return { version: this.version, ...this.#statements.statements };
  }

  /** Logs once when newer bundles begin to be withheld, or statements about them, and when that is over. */
  report(): void {
    this.#statements.report(this.version, this.#options.clock.nowMs());
  }

  /**
   * Verifies a `freshness` token from any source. Returns the version that it names if that is newer than
   * this host's, and undefined otherwise. Throws the codes of tokens; TRUST_MISSING if this host has no
   * bundle, by which it could verify the token; and TRUST_EQUIVOCATION if the token names another bundle of
   * the version that this host has.
   *
   * Threat: somebody who has the broker sends an old statement again, to hide that newer ones do not come.
   * The time when it was signed counts, and not when it came.
   */
  async hear(token: string): Promise<number | undefined> {
    const { bundle } = this.now();
    const current = this.#current;
    const nowMs = this.#options.clock.nowMs();
    const keyring = keyringOf(bundle.controllers);
    const { claims } = await verifyToken('freshness', token, { site: bundle.site, keyring, nowMs });
    // A newer bundle, which was accepted meanwhile, may not list this controller.
    if (current !== this.#current) return this.hear(token);
    if (!current || claims.version < current.bundle.version) return undefined;
    if (claims.version > current.bundle.version) {
      this.#statements.named(claims.version, current.bundle.version, nowMs);
      return claims.version;
    }
    if (claims.sha256 !== digestText(current.digest))
      throw new FarcallError(
        'TRUST_EQUIVOCATION',
        `the controller ${claims.iss} has another trust bundle ${claims.version} than this host`,
      );
    this.#statements.confirmed(claims.iat * 1000);
    return undefined;
  }

  /**
   * Evaluates a bundle from any source; true if it is newer and from now on used. Throws the codes of
   * `evaluateBundle`, or STORE_FAILED if it could not be stored; then it is not used. Bundles are evaluated
   * one at a time, in the order of the calls.
   */
  accept(signed: SignedBundle): Promise<boolean> {
    if (this.#waiting >= WAITING_LIMIT)
      return Promise.reject(new FarcallError('MESSAGE_INVALID', 'too many trust bundles at once'));
    this.#waiting++;
    const verdict = this.#judging.then(() => this.#accept(signed)).finally(() => this.#waiting--);
    this.#judging = verdict.catch(() => undefined);
    return verdict;
  }

  /** Evaluates a bundle and never throws: a refusal is counted and logged, and its code returned. */
  async offer(signed: SignedBundle): Promise<string | undefined> {
    try {
      await this.accept(signed);
      return undefined;
    } catch (thrown) {
      const { code, message } = toFarcallError(thrown);
      const { counters, log } = this.#options;
      const due = counters.countAndSample(`trust.refused.${code}`);
      const level = code === 'TRUST_EQUIVOCATION' || code === 'STORE_FAILED' ? 'error' : 'warn';
      if (due)
        log[level]({ code, reason: message, version: this.version }, 'the agent refused a trust bundle');
      return code;
    }
  }

  async #accept(signed: SignedBundle): Promise<boolean> {
    const { pinned, least } = this.#options;
    const verdict = await evaluateBundle(signed, { pinned, current: this.#current, least });
    if (verdict.effect === 'known') return false;
    this.#files.keep(verdict.verified);
    this.#current = verdict.verified;
    this.#isOver = false;
    this.#statements.replaced();
    this.#options.log.info(aboutBundle(verdict.verified), 'the agent accepted a trust bundle');
    this.#changed?.();
    return true;
  }

  #markOver(current: VerifiedBundle): void {
    this.#isOver = true;
    const { log } = this.#options;
    log.error(aboutBundle(current), 'the trust bundle has expired: nothing runs until a newer one arrives');
    try {
      this.#files.markOver(current);
    } catch (error) {
      log.error({ err: error }, 'the agent cannot record that the trust bundle has expired');
    }
  }
}

/** The stored bundle, unless this host was enrolled again since, when there was a newer one. */
function notOlder(
  stored: VerifiedBundle | undefined,
  { least, log }: Pick<HostTrustStoreOptions, 'least' | 'log'>,
): VerifiedBundle | undefined {
  if (!stored || !least) return stored;
  if (stored.bundle.version < least.version) {
    const about = { trustVersion: stored.bundle.version, leastVersion: least.version };
    log.warn(about, 'the agent discards its trust bundle: the enrolment of this host names a newer one');
    return undefined;
  }
  checkLeast(stored.bundle.version, stored.digest, least);
  return stored;
}

function aboutBundle({ bundle, signers }: VerifiedBundle): Record<string, unknown> {
  const names = (members: readonly { readonly name: string }[]): string[] => members.map(({ name }) => name);
  return {
    trustVersion: bundle.version,
    trustExpires: new Date(bundle.expiresAtMs).toISOString(),
    roots: names(bundle.roots.members),
    signedBy: signers,
    controllers: names(bundle.controllers),
    approvers: names(bundle.approvers),
    thresholds: bundle.thresholds,
  };
}
