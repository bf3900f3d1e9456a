/** How delays between tries grow. */
export interface Backoff {
  /** Delay after the first failure, in milliseconds. */
  readonly firstMs: number;
  /** Delays grow no further than this. */
  readonly mostMs: number;
}

/**
 * Milliseconds to wait after so many failures in a row: doubled each time, and anything from half of that to
 * all of it, so that a fleet that lost its controller at one moment does not come back at one moment.
 */
export function backoffMs(failures: number, { firstMs, mostMs }: Backoff, random: () => number): number {
  const fullMs = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(fullMs * (0.5 + random() / 2));
}

/**
 * Milliseconds to wait after so many losses or failures in a row: anything from nothing to the whole of a
 * window that doubles each time, so that a fleet that lost its broker at one moment comes back evenly over
 * the window, and the more so the longer it is away.
 */
export function spreadMs(failures: number, { firstMs, mostMs }: Backoff, random: () => number): number {
  return Math.round(Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30)) * random());
}
