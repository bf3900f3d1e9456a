import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc/PID/stat: USER_HZ, 100 on every architecture (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;

interface Spent {
  readonly parent: number;
  /** Of the process and of its children that ended and were waited for, with theirs. */
  readonly ticks: number;
}

/** CPU seconds that process `pid` has used up to now, with all that it started, ended or not. */
export function cpuSecondsOf(pid: number): number {
  const all = new Map<number, Spent>();
  for (const name of readdirSync('/proc')) {
    const spent = /^[0-9]+$/.test(name) ? spentBy(name) : undefined;
    if (spent) all.set(Number(name), spent);
  }
  let ticks = 0;
  const due = [pid];
  for (let each = due.pop(); each !== undefined; each = due.pop()) {
    ticks += all.get(each)?.ticks ?? 0;
    for (const [child, { parent }] of all) if (parent === each) due.push(child);
  }
  return ticks / TICKS_PER_SECOND;
}

/**
 * Fields 4 (ppid) and 14 to 17 (utime, stime, cutime, cstime) of /proc/PID/stat; undefined when it just
 * ended.
 */
function spentBy(pid: string): Spent | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
    return { parent: fields[1]!, ticks };
  } catch {
    return undefined;
  }
}
