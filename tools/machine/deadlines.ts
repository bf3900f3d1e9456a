/**
 * When a machine is given up, in milliseconds. Each is at least ten times what it takes on a quiet host that
 * emulates the CPU: a deadline ends what hangs, and decides nothing else.
 */
export const DEADLINES = {
  /** From power-on to the first process. A guest that is silent for so long is tried again. */
  startMs: 180_000,
  /** From power-on to the first command. */
  bootMs: 600_000,
  /** One command. */
  commandMs: 900_000,
  /** An orderly end; then the power is cut. */
  stopMs: 60_000,
  /** All that a machine does. */
  lifeMs: 4 * 3_600_000,
} as const;
