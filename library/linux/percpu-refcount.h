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

/** Takes a reference. This CPU counts it, as long as CPUs count. */
static inline void percpu_ref_get(struct percpu_ref *ref)
{
	guard(rcu)();
	guard(preempt)();
	unsigned long parts = READ_ONCE(ref->percpu_count_ptr);
	if (parts & 3)
		__atomic_fetch_add(&ref->data->count.counter, 1);
	else
		__atomic_fetch_add(per_cpu_ptr((unsigned long *)parts, smp_processor_id()), 1);
}

/** Gives a reference back. Where it is the last one of a count that was ended, the program ends as skipped. */
static inline void percpu_ref_put(struct percpu_ref *ref)
{
	guard(rcu)();
	guard(preempt)();
	unsigned long parts = READ_ONCE(ref->percpu_count_ptr);
	if (!(parts & 3)) {
		__atomic_fetch_sub(per_cpu_ptr((unsigned long *)parts, smp_processor_id()), 1);
		return;
	}
	for (long count = READ_ONCE(ref->data->count.counter);;) {
		require(count != 1);
		long before = cmpxchg(&ref->data->count.counter, count, count - 1);
		if (before == count)
			return;
		count = before;
	}
}
