/* Clocks. */

/** Nanoseconds since boot, without sleep. */
#define ktime_get_ns() ((u64)ktime_get())

/** Nanoseconds since boot, with sleep. */
#define ktime_get_boottime_ns() ((u64)ktime_get_with_offset(TK_OFFS_BOOT))

/** Nanoseconds as milliseconds. */
#define ktime_to_ms(time) ((s64)(time) / 1000000)

/** Nanoseconds as microseconds. */
#define ktime_to_us(time) ((s64)(time) / 1000)

/** Nanoseconds of a second. */
#define NSEC_PER_SEC 1000000000L

/** Ticks since the kernel began to count. */
extern unsigned long jiffies;

/** Ticks since the kernel began to count, which it does some minutes before zero. */
#define get_jiffies_64() ((u64)jiffies)

/** Ticks of a second. The kernel has it as a constant of its configuration; its own conversion tells it. */
#define HZ ((int)__msecs_to_jiffies(1000))

/** Milliseconds as ticks. */
#define msecs_to_jiffies(milliseconds) __msecs_to_jiffies(milliseconds)

/** Whether one time in ticks lies after another, though the clock may have gone round. */
#define time_after(one, other) ((long)((other) - (one)) < 0)

/** Whether one time in ticks lies before another. */
#define time_before(one, other) time_after(other, one)

/** Ticks as milliseconds, where the kernel has no function for it. */
#if !__has_symbol(jiffies_to_msecs)
#define jiffies_to_msecs(ticks) ((unsigned int)((u64)(ticks) * 1000 / HZ))
#endif
