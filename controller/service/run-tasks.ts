import { toFarcallError } from '../../shared/errors/index.ts';
import type { Logger } from '../log/index.ts';

/** One thing that a controller does again and again. */
export type PeriodicTask<Parts> = (parts: Parts) => Promise<void>;

/**
 * A function that runs all tasks once, one after the other. A task that fails does not keep the next from
 * running, and is tried again at the next call. It is logged when it begins to fail, and not again until its
 * error changes.
 */
export function taskRunner<Parts extends { readonly log: Logger }>(
  tasks: readonly PeriodicTask<Parts>[],
  parts: Parts,
): () => Promise<void> {
  const failing = new Map<PeriodicTask<Parts>, string>();
  return async () => {
    for (const task of tasks) {
      try {
        await task(parts);
        failing.delete(task);
      } catch (err) {
        const { code } = toFarcallError(err);
        // The bus itself logs, once, that the broker is away.
        const level = code === 'UNREACHABLE' ? 'debug' : 'warn';
        if (failing.get(task) !== code)
          parts.log[level](
            { task: task.name, code, err },
            'periodic task failed: it is tried again until it works',
          );
        failing.set(task, code);
      }
    }
  };
}
