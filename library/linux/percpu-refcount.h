/* Counts of references that are kept by each CPU until they are ended. */

/** Whether the count is still kept by each CPU. */
static inline bool percpu_ref_is_percpu(const struct percpu_ref *ref)
{
	return (ref->percpu_count_ptr & 3) == 0;
}

/** Whether the count is being ended. */
static inline bool percpu_ref_is_dying(const struct percpu_ref *ref)
{
	return (ref->percpu_count_ptr & 2) != 0;
}

/** The number of references. While CPUs count, it is the sum of what they say, and may be off by a few. */
static inline long percpu_ref_read(const struct percpu_ref *ref)
{
	long count = ref->data->count.counter & 0x7fffffffffffffffL;
	unsigned int cpu;
	if (percpu_ref_is_percpu(ref)) {
		unsigned long *parts = (unsigned long *)(ref->percpu_count_ptr & ~3UL);
		for_each_possible_cpu(cpu)
			count += *per_cpu_ptr(parts, cpu);
	}
	return count;
}

/** Refused: each CPU counts references of its own, and a program may be moved between CPUs. */
#define percpu_ref_get(ref) ({ _Static_assert(0, "each CPU counts for itself; call a function that takes the reference"); })

/** Refused, as percpu_ref_get. */
#define percpu_ref_put(ref) ({ _Static_assert(0, "each CPU counts for itself; call a function that gives it back"); })
