/** Where in the memory of a module the numbers of one deny are; the journal keeps it. */
export interface DenyLayout {
  readonly stateAt: number;
  readonly missedAt: number;
}

/** What one deny has counted, and whom it denied last. */
export interface DenyCounts {
  readonly hits: bigint;
  /** Entries at which the condition could not be evaluated; they passed. */
  readonly abandoned: bigint;
  /** Entries that the kernel did not bring to the probe; they passed. */
  readonly missed: bigint;
  /** Whether its function is denied now: a module that is not loaded has none. */
  readonly isPlaced: boolean;
  /** The errno with which the kernel last refused the probe; 0 if it did not. */
  readonly errno: number;
  /** When it lets everything pass, since the boot. */
  readonly untilUptimeMs: number;
  /** The newest first. */
  readonly callers: readonly DeniedCaller[];
}

/** Somebody who was denied. */
export interface DeniedCaller {
  readonly pid: number;
  readonly tgid: number;
  readonly uid: number;
  readonly comm: string;
  /** Since the boot, time asleep included. */
  readonly atUptimeMs: number;
}

/** The modules that stay in this host's kernel. */
export interface KernelProbes {
  /** Their names. */
  loaded(): readonly string[];
  /** What the denies of a module have counted; undefined where its memory cannot be read. */
  read(moduleName: string, places: readonly DenyLayout[]): readonly DenyCounts[] | undefined;
  /**
   * Takes a module out; its exit function waits for all that run in its handlers. True if there is none of
   * that name any more. Throws PERMISSION or MODULE_REFUSED.
   */
  remove(moduleName: string): Promise<boolean>;
  /** Milliseconds since the boot, time asleep included. */
  uptimeMs(): number;
}
