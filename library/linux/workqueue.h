/* Work that waits, and who does it; timers and interrupts. */

/** All workqueues. */
extern struct list_head workqueues;

/** Runs once for each workqueue. */
#define for_each_workqueue(queue) list_for_each_entry(queue, &workqueues, list)

/** The workqueue with a name. Where there is none, the program ends as skipped. */
static inline struct workqueue_struct *find_workqueue(const char *name)
{
	struct workqueue_struct *queue;
	for_each_workqueue(queue)
		if (strcmp(queue->name, name) == 0)
			return queue;
	require(0);
	return 0;
}

/** Runs once for each `struct pool_workqueue` of a workqueue. */
#define for_each_pwq(pwq, queue) list_for_each_entry(pwq, &(queue)->pwqs, pwqs_node)

/** Runs once for each work that waits in the pool of a `struct pool_workqueue`; it may be of another workqueue. */
#define for_each_pending_work(work, pwq) list_for_each_entry(work, &(pwq)->pool->worklist, entry)

/** Runs once for each `struct worker` of a pool: `current_func` is what it does, or null. */
#define for_each_worker(worker, pool) list_for_each_entry(worker, &(pool)->workers, node)

/** The wheels of timers of each CPU. */
#define timer_bases_of(cpu) per_cpu(timer_bases, cpu)

/** Runs once for each timer that waits on a CPU. */
#define for_each_timer(timer, cpu) \
	for (unsigned int __base = 0; __base < ARRAY_SIZE(timer_bases_of(cpu)); __base++) \
		for (unsigned int __slot = 0; __slot < ARRAY_SIZE(timer_bases_of(cpu)[0].vectors); __slot++) \
			hlist_for_each_entry(timer, &timer_bases_of(cpu)[__base].vectors[__slot], entry)

/** Runs once for each high-resolution timer that waits on a CPU. */
#define for_each_hrtimer(timer, cpu) \
	for (unsigned int __base = 0; __base < ARRAY_SIZE(per_cpu(hrtimer_bases, cpu).clock_base); __base++) \
		for (struct rb_node *__node = rb_first(&per_cpu(hrtimer_bases, cpu).clock_base[__base].active.rb_root.rb_root); \
		     __node && ((timer) = container_of(__node, struct hrtimer, node.node), 1); __node = rb_next(__node))

/** Runs once for each interrupt that has a description; `number` is an unsigned long. */
#if __has_symbol(sparse_irqs)
extern struct maple_tree sparse_irqs;
#define for_each_irq_desc(number, description) mt_for_each(&sparse_irqs, description, number, ~0UL)
#else
extern struct xarray irq_desc_tree;
#define for_each_irq_desc(number, description) xa_for_each(&irq_desc_tree, number, description)
#endif

/** The description of an interrupt. Where there is none, the program ends as skipped. */
static inline struct irq_desc *find_irq(unsigned long wanted)
{
	struct irq_desc *description;
	unsigned long number;
	for_each_irq_desc(number, description)
		if (number == wanted)
			return description;
	require(0);
	return 0;
}
