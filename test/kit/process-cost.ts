import { readdirSync, readFileSync } from 'node:fs';

/** What a process has cost so far. */
export interface ProcessCost {
  /** Processor time of all its threads, in milliseconds. */
  readonly cpuMs: number;
  readonly residentMib: number;
  /** The most that it ever held. */
  readonly peakMib: number;
}

/**
 * Asks the kernel what the process `pid` has cost (Documentation/filesystems/proc.rst: schedstat, status).
 */
export function processCost(pid: number): ProcessCost {
  const threads = readdirSync(`/proc/${pid}/task`);
  const runNs = threads.reduce((sum, thread) => sum + runNsOf(`/proc/${pid}/task/${thread}/schedstat`), 0);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { cpuMs: runNs / 1e6, residentMib: mib('VmRSS'), peakMib: mib('VmHWM') };
}

function runNsOf(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[0]);
  } catch {
    return 0;
  }
}
