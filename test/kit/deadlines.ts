/**
 * When a test gives up, in milliseconds. Each is at least ten times what the dearest of its kind takes on a
 * quiet machine: a deadline ends what hangs, and never decides a test. vitest.config.ts sets them for all
 * tests, hooks and `expect.poll`; `eventually` takes its own from here.
 */
export const DEADLINES = {
  /** What is waited for by looking again and again. */
  eventuallyMs: 600_000,
  /** What a page of the console must show, or let be clicked. */
  pageMs: 150_000,
  /** A test or a hook that needs nothing but Node. */
  unitMs: 700_000,
  /** One that starts servers, processes or a browser. */
  flowMs: 900_000,
  /** One that boots virtual machines, or waits until they have done all of a suite. */
  machinesMs: 3_600_000,
  /** One command in a virtual machine, or one program that a test starts and waits for. */
  commandMs: 900_000,
} as const;
