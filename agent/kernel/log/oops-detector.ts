import { HOST_FILES, type HostFiles } from '../host-files/index.ts';
import { type KernelLog, openKernelLog } from './kernel-log.ts';

/**
 * The beginnings of lines by which a kernel reports that something in it went wrong, by the file that logs
 * them (Linux 5.10 to 7.2).
 */
const BEGINNINGS: readonly RegExp[] = [
  /^BUG: /, // mm/fault.c of each CPU, lib/bug.c, kernel/sched/core.c, KASAN, KFENCE
  /^kernel BUG at /, // lib/bug.c
  /^Oops\b/, // arch/x86/kernel/dumpstack.c
  /^Internal error: /, // arch/arm64/kernel/traps.c
  /^Unable to handle kernel /, // arch/arm64/mm/fault.c
  /^general protection fault\b/, // arch/x86/kernel/traps.c
  /^(?:traps: )?PANIC: double fault/, // arch/x86/kernel/traps.c
  /^WARNING: /, // kernel/panic.c, __warn
  /^Kernel panic\b/, // kernel/panic.c
  /^watchdog: BUG: soft lockup/, // kernel/watchdog.c
  /^(?:watchdog: )?(?:Watchdog detected|CPU\d+: Watchdog detected) hard LOCKUP/, // kernel/watchdog.c
  /^INFO: task .{1,64} blocked (?:for more than|in I\/O wait)/, // kernel/hung_task.c
  /^rcu: INFO: rcu_\w+ (?:self-)?detected .*stall/, // kernel/rcu/tree_stall.h
  /^Unhandled fault\b/, // arch/arm64
];

/** Longest line that is kept. */
const LINE_LIMIT_CHARS = 256;

/** Whether a line of the kernel's log begins the report of an oops, a warning or a hang. */
export function beginsOops(text: string): boolean {
  return BEGINNINGS.some(beginning => beginning.test(text));
}

/** An oops that was detected. */
export interface DetectedOops {
  /** Its first line, without control characters. */
  readonly line: string;
  /** In milliseconds since the epoch. */
  readonly noticedAtMs: number;
}

/**
 * Detects reports of oopses in the kernel's log, from the first call on. If this process may not read the
 * log, it detects none; the kernel's taint shows most of them too.
 */
export class OopsDetector implements Disposable {
  readonly #files: HostFiles;
  #log: KernelLog | 'closed' | undefined;
  #newest: DetectedOops | undefined;

  constructor(files: HostFiles = HOST_FILES) {
    this.#files = files;
  }

  /** The newest oops since the first call. Of several since the last call, the first. */
  look(nowMs: number): DetectedOops | undefined {
    this.#log ??= openAtEnd(this.#files);
    if (this.#log === 'closed') return undefined;
    // Threat: programs may write "BUG: ..." to /dev/kmsg; only what the kernel itself says (facility 0)
    // counts.
    const found = this.#log
      .readNew()
      .records.find(({ facility, text }) => facility === 0 && beginsOops(text));
    if (found) this.#newest = { line: firstLine(found.text), noticedAtMs: nowMs };
    return this.#newest;
  }

  [Symbol.dispose](): void {
    if (this.#log !== 'closed') this.#log?.close();
    this.#log = 'closed';
  }
}

function openAtEnd(files: HostFiles): KernelLog | 'closed' {
  try {
    const log = openKernelLog(files);
    log.skipToEnd();
    return log;
  } catch {
    return 'closed';
  }
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  return line.replace(/[\u0000-\u001f\u007f-\u009f]/g, '.').slice(0, LINE_LIMIT_CHARS);
}
