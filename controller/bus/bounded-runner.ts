import pLimit from 'p-limit';

/** Runs work on messages, a bounded number at a time, in the order in which they came. */
export interface BoundedRunner {
  /**
   * Resolves when `work` has begun, which may take until earlier work is done. Awaiting this before the next
   * message is taken keeps the backlog in the subscription, where it is counted. `work` must not throw.
   */
  begin(work: () => Promise<void>): Promise<void>;
  /** Resolves when all work that was begun is done. */
  idle(): Promise<void>;
}

/** A runner with a semaphore: at most `concurrency` pieces of work run at a time. */
export function boundedRunner(concurrency: number): BoundedRunner {
  const limit = pLimit(concurrency);
  const running = new Set<Promise<void>>();
  return {
    begin(work) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const done = limit(() => {
        resolve();
        return work();
      }).finally(() => running.delete(done));
      running.add(done);
      return promise;
    },
    async idle() {
      await Promise.all(running);
    },
  };
}
