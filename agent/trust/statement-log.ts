import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type BundleStatements, type NamedBundle, STATEMENT_LIMIT_MS } from '../verify/index.ts';
import { writeTrustFile } from './write-trust-file.ts';

/** File that remembers, over restarts, that a controller named a newer bundle. */
const NEWER_FILE = 'trust-newer.json';

const newerSchema = z.strictObject({
  /** The bundle that this host had then. */
  current: z.int().min(0),
  version: z.int().min(1),
  sinceMs: z.int().min(0),
});

export interface StatementLogOptions {
  readonly stateDirectory: string;
  /** Version of the bundle that this host has at the start; 0 if it has none. */
  readonly current: number;
  readonly nowMs: number;
  readonly log: Logger;
}

/**
 * What controllers have stated about the newest bundle, as far as it was verified.
 *
 * Threats:
 * - The agent is restarted, and the grace for a bundle that is withheld begins once more: the named version
 *   and its time are on the disk.
 * - A stolen key of a controller names a version that does not exist: all orders are refused after the grace.
 *   That ends with the bundle that removes the key, since a newer bundle clears what was named before; the
 *   other controllers name what is newer still within a minute.
 */
export class StatementLog {
  readonly #path: string;
  readonly #log: Logger;
  readonly #startedAtMs: number;
  #confirmedAtMs = 0;
  #newer: NamedBundle | undefined;
  #reported: 'confirmed' | 'stale' | 'withheld' = 'confirmed';

  constructor({ stateDirectory, current, nowMs, log }: StatementLogOptions) {
    this.#path = join(stateDirectory, NEWER_FILE);
    this.#log = log;
    this.#startedAtMs = nowMs;
    this.#newer = namedBefore(this.#path, current);
  }

  get statements(): BundleStatements {
    return { confirmedAtMs: this.#confirmedAtMs, newer: this.#newer };
  }

  /** Records a verified statement that there is no newer bundle than this host's, signed at `atMs`. */
  confirmed(atMs: number): void {
    this.#confirmedAtMs = Math.max(this.#confirmedAtMs, atMs);
  }

  /** Records a verified statement that `version` is the newest, while this host has `current`. */
  named(version: number, current: number, nowMs: number): void {
    const { sinceMs = nowMs, version: before = 0 } = this.#newer ?? {};
    if (version <= before) return;
    this.#newer = { version, sinceMs };
    this.#log.info(
      { trustVersion: current, newerVersion: version },
      'a controller names a newer trust bundle',
    );
    try {
      writeTrustFile(this.#path, `${JSON.stringify({ current, version, sinceMs })}\n`);
    } catch (error) {
      this.#log.error({ err: error }, 'the agent cannot record that there is a newer trust bundle');
    }
  }

  /** To be called when a newer bundle is accepted. */
  replaced(): void {
    this.#newer = undefined;
  }

  /** Logs once when the newest bundle begins to be unknown or withheld, and when that is over. */
  report(current: number, nowMs: number): void {
    const confirmedAtMs = Math.max(this.#confirmedAtMs, this.#startedAtMs);
    const isStale = nowMs - confirmedAtMs > STATEMENT_LIMIT_MS;
    const state = this.#newer ? 'withheld' : isStale ? 'stale' : 'confirmed';
    if (state === this.#reported) return;
    this.#reported = state;
    const about = { trustVersion: current, newerVersion: this.#newer?.version };
    if (state === 'withheld')
      this.#log.error(about, 'a newer trust bundle is withheld from this host: it will refuse all orders');
    else if (state === 'stale')
      this.#log.warn(about, 'no controller states which trust bundle is the newest: old orders are refused');
    else this.#log.info(about, 'a controller confirms that this host has the newest trust bundle');
  }
}

/** What was named before a restart; undefined if this host has had a newer bundle since. */
function namedBefore(path: string, current: number): NamedBundle | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const { current: then, version, sinceMs } = newerSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return then === current ? { version, sinceMs } : undefined;
  } catch {
    // The next statement of a controller names it once more.
    return undefined;
  }
}
