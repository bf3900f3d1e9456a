import type { Effect } from '../api/index.ts';

/** The most that a program may do, from least to most. */
export const EFFECTS: readonly Effect[] = ['read', 'watch', 'call', 'write', 'deny'];

/** Whether `effect` is more than `declared`. */
export function exceedsEffect(effect: Effect, declared: Effect): boolean {
  return EFFECTS.indexOf(effect) > EFFECTS.indexOf(declared);
}
