import type { Clock } from '../clock/index.ts';

/** How often something may happen within a time. */
export interface SlidingWindowOptions {
  /** Most events within the window. */
  readonly most: number;
  readonly windowMs: number;
}

/**
 * A sliding window: the function counts an event, and returns false, counting nothing, where the window
 * already holds the most. A clock that is set by more than the window empties it.
 */
export function slidingWindow(clock: Clock, { most, windowMs }: SlidingWindowOptions): () => boolean {
  const times: number[] = [];
  return () => {
    const nowMs = clock.nowMs();
    while (times[0] !== undefined && Math.abs(nowMs - times[0]) >= windowMs) times.shift();
    if (times.length >= most) return false;
    times.push(nowMs);
    return true;
  };
}
