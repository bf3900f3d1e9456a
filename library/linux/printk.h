/* Messages to the kernel log. */

/** Writes to the kernel log. */
#define printk(format, ...) _printk(format, ##__VA_ARGS__)

/** Writes an error to the kernel log. */
#define pr_err(format, ...) _printk("\0013" format, ##__VA_ARGS__)

/** Writes a warning to the kernel log. */
#define pr_warn(format, ...) _printk("\0014" format, ##__VA_ARGS__)

/** Writes a notice to the kernel log. */
#define pr_notice(format, ...) _printk("\0015" format, ##__VA_ARGS__)

/** Writes to the kernel log, for information. */
#define pr_info(format, ...) _printk("\0016" format, ##__VA_ARGS__)
