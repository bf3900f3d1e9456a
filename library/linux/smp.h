/* The CPU that runs a program. */

/** The number of the CPU that runs this: by the next line it may be another one, unless guard(preempt)() holds it. */
#define smp_processor_id() task_cpu(current)

/** The same. */
#define raw_smp_processor_id() smp_processor_id()

/** The same. */
#define get_cpu() ({ _Static_assert(0, "preemption stays on in a program; write guard(preempt)(); and smp_processor_id()"); 0; })
