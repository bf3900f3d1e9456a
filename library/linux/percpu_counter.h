/* Numbers of which each CPU has a part. */

/** The number without the parts of the CPUs. */
static inline s64 percpu_counter_read(const struct percpu_counter *counter)
{
	return counter->count;
}

/** The same, but never less than 0. */
static inline s64 percpu_counter_read_positive(const struct percpu_counter *counter)
{
	return counter->count < 0 ? 0 : counter->count;
}

/** The number with the parts of all CPUs that may run. No lock is taken. */
static inline s64 percpu_counter_sum(const struct percpu_counter *counter)
{
	s64 sum = counter->count;
	unsigned int cpu;
	for_each_possible_cpu(cpu)
		sum += *per_cpu_ptr(counter->counters, cpu);
	return sum;
}

/** The same as percpu_counter_sum: the kernel's function of this name is not called. */
#define __percpu_counter_sum(counter) percpu_counter_sum(counter)

/** percpu_counter_sum, but never less than 0. */
static inline s64 percpu_counter_sum_positive(const struct percpu_counter *counter)
{
	s64 sum = percpu_counter_sum(counter);
	return sum < 0 ? 0 : sum;
}
