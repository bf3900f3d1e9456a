/** Background work that runs again and again, and never twice at once. */
export interface Ticker {
  /** Begins to run `work`, which must not throw: now, at every interval, and when woken. */
  start(work: () => Promise<void>): void;
  /**
   * Runs the work now; once more if it is already running. Does nothing before the start and after the stop.
   */
  readonly wake: () => void;
  /** Stops; resolves when the last run is over. */
  stop(): Promise<void>;
}

/** A ticker that has not been started yet. */
export function createTicker(intervalMs: number): Ticker {
  let work: (() => Promise<void>) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  const run = async (task: () => Promise<void>): Promise<void> => {
    do {
      again = false;
      await task();
    } while (again && work);
    running = undefined;
  };
  const wake = (): void => {
    if (!work) return;
    if (running) again = true;
    else running = run(work);
  };
  return {
    wake,
    start(task) {
      work = task;
      wake();
      timer = setInterval(wake, intervalMs);
    },
    async stop() {
      work = undefined;
      clearInterval(timer);
      await running;
    },
  };
}
