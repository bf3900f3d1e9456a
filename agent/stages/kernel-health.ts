/** The kernel's health at one moment. */
export interface KernelHealth {
  /** /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
  /** Bits of /proc/sys/kernel/tainted. */
  readonly taint: number;
  /** The newest oops that the kernel has logged since the agent first asked. */
  readonly oops?: KernelOops | undefined;
}

/** An oops, a warning or a hang in the kernel's log. */
export interface KernelOops {
  /** Its first line. */
  readonly line: string;
  /**
   * When the agent detected it, in milliseconds since the epoch. What was logged before a call is detected
   * before the call.
   */
  readonly noticedAtMs: number;
}
