import { toFarcallError } from '../../shared/errors/index.ts';
import type { Logger } from '../log/index.ts';

/** One thing that is looked after again and again. */
export type PeriodicTask<Parts> = (parts: Parts) => Promise<void>;

/**
 * Does everything that time or an event made possible, one step after the other, each time that it is called. What one
 * step cannot do does not stop the next, and is tried again; it is logged when it begins to fail, not at every tick.
 */
export function taskRunner<Parts extends { readonly log: Logger }>(
  steps: readonly PeriodicTask<Parts>[],
  parts: Parts,
): () => Promise<void> {
  const failing = new Map<PeriodicTask<Parts>, string>();
  return async () => {
    for (const step of steps) {
      try {
        await step(parts);
        failing.delete(step);
      } catch (err) {
        const { code } = toFarcallError(err);
        // That the broker is away is said where it is found out, once.
        const level = code === 'UNREACHABLE' ? 'debug' : 'warn';
        if (failing.get(step) !== code)
          parts.log[level]({ step: step.name, code, err }, 'step failed; it is tried again until it works');
        failing.set(step, code);
      }
    }
  };
}
