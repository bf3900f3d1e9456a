import { PerformanceObserver } from 'node:perf_hooks';

/** What became of the event loop of this thread. All in milliseconds. */
export interface LoopReport {
  /** By how much a timer of one millisecond was late, one number for each. */
  readonly stopsMs: readonly number[];
  /** The processor time that this thread used from one such timer to the next. */
  readonly busyMs: readonly number[];
  /** How long each garbage collection took. */
  readonly collectionsMs: readonly number[];
}

const US_PER_MS = 1000;

/**
 * Watches the event loop until it is told to end. A stop that other processes cause takes time and no
 * processor time of this thread; one that this thread causes takes both.
 */
export function watchLoop(): { end(): LoopReport } {
  const stopsMs: number[] = [];
  const busyMs: number[] = [];
  const collectionsMs: number[] = [];
  const observer = new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) collectionsMs.push(duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  let atMs = performance.now();
  let cpuMs = threadCpuMs();
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const [nowMs, nowCpuMs] = [performance.now(), threadCpuMs()];
    stopsMs.push(Math.max(0, nowMs - atMs - 1));
    busyMs.push(nowCpuMs - cpuMs);
    [atMs, cpuMs] = [nowMs, nowCpuMs];
    timer = setTimeout(look, 1);
  };
  timer = setTimeout(look, 1);
  return {
    end() {
      clearTimeout(timer);
      observer.disconnect();
      return { stopsMs, busyMs, collectionsMs };
    },
  };
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / US_PER_MS;
}
