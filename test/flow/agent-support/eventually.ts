import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `condition` gives something true, and returns that; fails after `limitMs` naming what was
 * awaited.
 */
export async function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = 45_000,
): Promise<NonNullable<T>> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<T>;
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await delay(20);
  }
}
