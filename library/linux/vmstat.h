/* Figures of memory: zones, nodes, slab caches; and a search in memory. */

/** What the zones of memory count, all together: NR_FREE_PAGES and others. */
extern atomic_long_t vm_zone_stat[];

/** What the nodes of memory count, all together: NR_FILE_PAGES and others. */
extern atomic_long_t vm_node_stat[];

/** The nodes of memory. */
extern struct pglist_data *node_data[];

/** A figure of all zones, in pages. The parts that CPUs have not added yet are missing. */
#define global_zone_page_state(item) (vm_zone_stat[item].counter)

/** A figure of all nodes. Slab figures are bytes on some kernels. */
#define global_node_page_state(item) (vm_node_stat[item].counter)

/** The node of memory with a number. */
#define NODE_DATA(number) (node_data[number])

/** Runs once for each zone of a node that has pages. */
#define for_each_populated_zone_of(zone, node) \
	for ((zone) = &(node)->node_zones[0]; (zone) < &(node)->node_zones[ARRAY_SIZE((node)->node_zones)]; (zone)++) \
		if ((zone)->present_pages)

/** A figure of a zone, in pages. */
#define zone_page_state(zone, item) ((zone)->vm_stat[item].counter)

/** The objects that all slabs of a cache have room for, on all nodes. */
static inline unsigned long slab_total_objects(const struct kmem_cache *cache)
{
	unsigned long total = 0;
	unsigned long number;
	for_each_online_node(number)
#if __has_member(struct kmem_cache, node)
		if (cache->node[number])
			total += cache->node[number]->total_objects.counter;
#else
		if (cache->per_node[number].node)
			total += cache->per_node[number].node->total_objects.counter;
#endif
	return total;
}

/** Where a word first stands in memory, on a multiple of 8 from `from` on, or null. What is not mapped ends the program as faulted. */
static inline unsigned long *find_word(const void *from, size_t bytes, unsigned long word)
{
	const unsigned long *at = (const unsigned long *)(((unsigned long)from + 7) & ~7UL);
	const unsigned long *end = (const unsigned long *)((unsigned long)from + bytes);
	for (; at + 1 <= end; at++)
		if (*at == word)
			return (unsigned long *)at;
	return 0;
}

/** Runs once for each place between two addresses that holds a pointer to `wanted`; `at` is an `unsigned long *`. */
#define for_each_pointer_to(at, wanted, from, bytes) \
	for ((at) = find_word(from, bytes, (unsigned long)(wanted)); (at); \
	     (at) = find_word((at) + 1, (unsigned long)(from) + (bytes) - (unsigned long)((at) + 1), (unsigned long)(wanted)))

/** The bits of an address that the first table of pages does not take. */
#if __has_symbol(pgdir_shift)
extern unsigned int pgdir_shift;
#endif

/** The memory of the kernel at an address of a process, or null where no page is there. On x86-64. */
#if __has_symbol(page_offset_base)
static inline const char *user_memory(const struct mm_struct *mm, unsigned long address)
{
	unsigned long table = (unsigned long)mm->pgd;
#if __has_symbol(pgdir_shift)
	int shift = (int)pgdir_shift;
#else
	int shift = 39;
#endif
	for (; shift >= 12; shift -= 9) {
		unsigned long entry = ((const unsigned long *)table)[address >> shift & 511];
		if (!(entry & 1))
			return 0;
		table = (unsigned long)phys_to_virt(entry & 0x000ffffffffff000UL);
		if (shift > 12 && shift < 39 && (entry & 0x80))
			return (const char *)((table & ~((1UL << shift) - 1)) + (address & ((1UL << shift) - 1)));
	}
	return (const char *)(table + (address & 4095));
}
#endif

/** The command line of a process with blanks between its words, up to 1,023 bytes, as ps shows it; a kernel thread has its name in brackets. On x86-64. */
#if __has_symbol(page_offset_base)
static inline const char *task_cmdline(const struct task_struct *task)
{
	if (!task->mm)
		return text_of("[%s]", task->comm);
	text_length = 0;
	for (unsigned long at = task->mm->arg_start; at + 1 < task->mm->arg_end && text_length < 1023; at++) {
		const char *from = user_memory(task->mm, at);
		if (!from)
			break;
		text_char(*from ? *from : ' ');
	}
	text_room[text_length] = 0;
	return text_room;
}
#endif
