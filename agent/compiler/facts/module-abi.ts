/** What a module must carry for this very kernel to accept it, beside what BTF says of `struct module`. */
export interface ModuleAbi {
  /**
   * The kernel's vermagic string, e.g. `6.1.0-37-amd64 SMP preempt mod_unload modversions `; compared byte by
   * byte.
   */
  readonly vermagic: string;
  /** CRC of `module_layout` where the kernel has CONFIG_MODVERSIONS; undefined where it has not. */
  readonly moduleLayoutCrc: number | undefined;
  /** The u32 before functions of type `int (void)` on kernels built with kCFI; undefined elsewhere. */
  readonly kcfiInitHash: number | undefined;
  /** The same before the handlers of kprobes, `int (struct kprobe *, struct pt_regs *)`. */
  readonly kcfiEntryHash?: number | undefined;
  /** The same before those of kretprobes, `int (struct kretprobe_instance *, struct pt_regs *)`. */
  readonly kcfiReturnHash?: number | undefined;
}
