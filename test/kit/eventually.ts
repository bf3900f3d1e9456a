import { setTimeout as delay } from 'node:timers/promises';
import { DEADLINES } from './deadlines.ts';

/** How long it rests between two looks. */
const PAUSE_MS = 20;

/**
 * Looks until `condition` gives something true, and returns that. Fails at the deadline with what was
 * awaited; what `condition` throws is passed on.
 */
export async function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  { pauseMs = PAUSE_MS }: { readonly pauseMs?: number } = {},
): Promise<NonNullable<T>> {
  const endMs = performance.now() + DEADLINES.eventuallyMs;
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<T>;
    if (performance.now() > endMs) throw new Error(`waited ${DEADLINES.eventuallyMs} ms in vain: ${what}`);
    await delay(pauseMs);
  }
}
