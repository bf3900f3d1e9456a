/** How the kernel is at one moment. */
export interface KernelHealth {
  /** /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
  /** Bits of /proc/sys/kernel/tainted. */
  readonly taint: number;
  /** The newest oops that the kernel has logged since the agent started, or since it was asked first. */
  readonly oops?: KernelOops | undefined;
}

/** An oops, a warning or a hang in the kernel's log. */
export interface KernelOops {
  /** Its first line. */
  readonly line: string;
  /**
   * When it was noticed, in milliseconds since the epoch: what was logged before a call is noticed before it.
   */
  readonly noticedAtMs: number;
}
