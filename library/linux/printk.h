/* Messages to the kernel log. */

/** Writes to the kernel log. The symbol is called _printk since Linux 5.15. */
#if __has_symbol(_printk)
#define printk(format, ...) _printk(format, ##__VA_ARGS__)
#endif

/** Writes an error to the kernel log. */
#define pr_err(format, ...) printk("\0013" format, ##__VA_ARGS__)

/** Writes a warning to the kernel log. */
#define pr_warn(format, ...) printk("\0014" format, ##__VA_ARGS__)

/** Writes a notice to the kernel log. */
#define pr_notice(format, ...) printk("\0015" format, ##__VA_ARGS__)

/** Writes to the kernel log, for information. */
#define pr_info(format, ...) printk("\0016" format, ##__VA_ARGS__)

/** Writes the stack of the loader to the kernel log; the types of some kernels do not tell of it. */
#if !__has_parameters(dump_stack, 0)
extern void dump_stack(void);
#endif
