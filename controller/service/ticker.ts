/** Background work that is done again and again, never twice at once. */
export interface Ticker {
  /** Does it now; once more where it is just being done. */
  wake(): void;
  /** Does it no more; resolves when the last run is over. */
  stop(): Promise<void>;
}

/** Calls `work`, which must not throw, now and then every `intervalMs`. */
export function startTicker(intervalMs: number, work: () => Promise<void>): Ticker {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  const run = async (): Promise<void> => {
    do {
      again = false;
      await work();
    } while (again && !stopped);
    running = undefined;
  };
  const wake = (): void => {
    if (stopped) return;
    if (running) again = true;
    else running = run();
  };
  wake();
  const timer = setInterval(wake, intervalMs);
  return {
    wake,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
