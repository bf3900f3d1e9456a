/** How the delay between attempts grows. */
export interface Backoff {
  /** Delay after the first failure, in milliseconds. */
  readonly firstMs: number;
  /** The longest delay, in milliseconds. */
  readonly mostMs: number;
}

/**
 * Milliseconds to wait after `failures` failures in a row (at least 1). The delay doubles with each failure,
 * and up to half of it is taken off at random, so that the hosts of a fleet that lost their controller at the
 * same moment do not return at the same moment. `random` returns a number from 0 to 1, as Math.random does.
 */
export function backoffMs(failures: number, { firstMs, mostMs }: Backoff, random: () => number): number {
  const fullMs = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(fullMs * (0.5 + random() / 2));
}

/**
 * Milliseconds to wait after `failures` losses or failures in a row (at least 1): a random part of a window
 * that doubles each time. A fleet that lost its broker at one moment thus returns evenly over the window.
 * `random` returns a number from 0 to 1, as Math.random does.
 */
export function spreadMs(failures: number, { firstMs, mostMs }: Backoff, random: () => number): number {
  return Math.round(Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30)) * random());
}
