/* Variables of which each CPU has its own. */

/** The variable of the CPU that runs this: by the next line it may be another CPU. */
#define this_cpu_read(variable) READ_ONCE(per_cpu(variable, smp_processor_id()))

/** The address of this CPU's object. */
#define raw_cpu_ptr(pointer) per_cpu_ptr(pointer, smp_processor_id())

/** The same as raw_cpu_ptr. */
#define this_cpu_ptr(pointer) raw_cpu_ptr(pointer)
