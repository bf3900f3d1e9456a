import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { replaceFile } from '../../shared/files/index.ts';
import { type HostFacts, LEFT_MODULES_LIMIT } from '../../shared/messages/index.ts';

/** A module that a call left in the kernel, and since when it is known, in milliseconds since the epoch. */
export type LeftModule = NonNullable<HostFacts['leftModules']>[number];

/** What {@link LeftModules} looks at, and the file in which it remembers. */
export interface LeftModulesOptions {
  /** Survives restarts of the agent; what is in it about another boot is forgotten. */
  readonly file: string;
  /** Names of farcall's modules in the kernel now. */
  readonly inKernel: () => readonly string[];
  /** Names of those that a loader runs now. */
  readonly running: () => ReadonlySet<string>;
  readonly nowMs: () => number;
}

const recordSchema = z.object({ bootId: z.string(), sinceMs: z.record(z.string(), z.number()) });

type Remembered = z.infer<typeof recordSchema>;

/**
 * The modules that calls left behind. A task that dies in an oops never ends the load that it was in
 * (make_task_dead, kernel/exit.c, v6.12), so the kernel keeps the module as `Loading` until it boots again.
 */
export class LeftModules {
  readonly #options: LeftModulesOptions;
  #remembered: Remembered | undefined;

  constructor(options: LeftModulesOptions) {
    this.#options = options;
  }

  /** Those that are there now, the oldest first; at most as many as the facts of a host take. */
  look(bootId: string): LeftModule[] {
    const { inKernel, running, nowMs } = this.#options;
    const names = inKernel().filter(name => !running().has(name));
    this.#remembered ??= this.#read();
    const before = this.#remembered?.bootId === bootId ? this.#remembered.sinceMs : {};
    const sinceMs = Object.fromEntries(names.map(name => [name, before[name] ?? nowMs()]));
    if (this.#remembered?.bootId !== bootId || JSON.stringify(before) !== JSON.stringify(sinceMs))
      this.#write({ bootId, sinceMs });
    return Object.entries(sinceMs)
      .map(([name, since]) => ({ name, sinceMs: since }))
      .sort((one, other) => one.sinceMs - other.sinceMs)
      .slice(0, LEFT_MODULES_LIMIT);
  }

  #read(): Remembered | undefined {
    try {
      return recordSchema.parse(JSON.parse(readFileSync(this.#options.file, 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** A full disk costs the memory of when a module was left, and nothing else. */
  #write(record: Remembered): void {
    const isEmpty = Object.keys(record.sinceMs).length === 0;
    const wasEmpty = Object.keys(this.#remembered?.sinceMs ?? {}).length === 0;
    this.#remembered = record;
    if (isEmpty && wasEmpty) return;
    try {
      replaceFile(this.#options.file, JSON.stringify(record), { mode: 0o600 });
    } catch {
      // It is written again with the next change.
    }
  }
}
