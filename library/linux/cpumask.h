/* Sets of CPUs. */

/** The number of CPU numbers that this kernel may use: bits from here on are never set. */
#if __has_symbol(nr_cpu_ids)
extern unsigned int nr_cpu_ids;
#else
#define nr_cpu_ids ((unsigned int)(8 * sizeof(struct cpumask)))
#endif

/** CPUs that run. */
extern struct cpumask __cpu_online_mask;

/** CPUs that may ever run. */
extern struct cpumask __cpu_possible_mask;

/** CPUs that are plugged in. */
extern struct cpumask __cpu_present_mask;

/** CPUs that the scheduler may use. */
extern struct cpumask __cpu_active_mask;

/** The set of CPUs that run, as a pointer. */
#define cpu_online_mask ((const struct cpumask *)&__cpu_online_mask)

/** The set of CPUs that may ever run, as a pointer. */
#define cpu_possible_mask ((const struct cpumask *)&__cpu_possible_mask)

/** The set of CPUs that are plugged in, as a pointer. */
#define cpu_present_mask ((const struct cpumask *)&__cpu_present_mask)

/** The set of CPUs that the scheduler may use, as a pointer. */
#define cpu_active_mask ((const struct cpumask *)&__cpu_active_mask)

/** The bits of a set. */
#define cpumask_bits(mask) ((const unsigned long *)(mask)->bits)

/** Whether a CPU is in a set. */
static inline bool cpumask_test_cpu(int cpu, const struct cpumask *mask)
{
	return test_bit(cpu, mask->bits);
}

/** The first CPU of a set; nr_cpu_ids or more where it is empty. */
static inline unsigned int cpumask_first(const struct cpumask *mask)
{
	return (unsigned int)find_first_bit(mask->bits, nr_cpu_ids);
}

/** The first CPU of a set after `cpu`; nr_cpu_ids or more where there is none. */
static inline unsigned int cpumask_next(int cpu, const struct cpumask *mask)
{
	return (unsigned int)find_next_bit(mask->bits, nr_cpu_ids, cpu + 1);
}

/** The number of CPUs in a set. */
static inline unsigned int cpumask_weight(const struct cpumask *mask)
{
	return bitmap_weight(mask->bits, nr_cpu_ids);
}

/** Whether a set has no CPU. */
static inline bool cpumask_empty(const struct cpumask *mask)
{
	return bitmap_empty(mask->bits, nr_cpu_ids);
}

/** Runs once for each CPU of a set. */
#define for_each_cpu(cpu, mask) \
	for ((cpu) = cpumask_first(mask); (cpu) < nr_cpu_ids; (cpu) = cpumask_next(cpu, mask))

/** Runs once for each CPU that runs. */
#define for_each_online_cpu(cpu) for_each_cpu(cpu, cpu_online_mask)

/** Runs once for each CPU that may ever run. */
#define for_each_possible_cpu(cpu) for_each_cpu(cpu, cpu_possible_mask)

/** Runs once for each CPU that is plugged in. */
#define for_each_present_cpu(cpu) for_each_cpu(cpu, cpu_present_mask)

/** Whether a CPU runs. */
#define cpu_online(cpu) cpumask_test_cpu(cpu, cpu_online_mask)

/** Whether a CPU may ever run. */
#define cpu_possible(cpu) cpumask_test_cpu(cpu, cpu_possible_mask)

/** Whether a CPU is plugged in. */
#define cpu_present(cpu) cpumask_test_cpu(cpu, cpu_present_mask)

/** The number of CPUs that run. */
#define num_online_cpus() cpumask_weight(cpu_online_mask)

/** The number of CPUs that may ever run. */
#define num_possible_cpus() cpumask_weight(cpu_possible_mask)

/** The number of CPUs that are plugged in. */
#define num_present_cpus() cpumask_weight(cpu_present_mask)
