import type { Clock } from '../clock/index.ts';

/** How many events are allowed within a time. */
export interface SlidingWindowOptions {
  /** The largest number of events within the window. */
  readonly most: number;
  readonly windowMs: number;
}

/**
 * A sliding window. The function that it returns counts an event and returns true; if the window already
 * holds the most, it returns false and counts nothing. Setting the clock by more than the window empties it.
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
