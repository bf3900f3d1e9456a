/* Arrays of pointers with large indices, as trees. All of it reads. */

/** Whether an entry is a number instead of a pointer. */
static inline bool xa_is_value(const void *entry)
{
	return (unsigned long)entry & 1;
}

/** The number that an entry holds. */
static inline unsigned long xa_to_value(const void *entry)
{
	return (unsigned long)entry >> 1;
}

/** Whether an entry belongs to the tree itself. */
static inline bool xa_is_internal(const void *entry)
{
	return ((unsigned long)entry & 3) == 2;
}

/** Whether an entry is a node of the tree. */
static inline bool xa_is_node(const void *entry)
{
	return xa_is_internal(entry) && (unsigned long)entry > 4096;
}

/** The node that an entry is. */
static inline struct xa_node *xa_to_node(const void *entry)
{
	return (struct xa_node *)((unsigned long)entry - 2);
}

/** The number of slots of a node. */
#define XA_CHUNK_SIZE ARRAY_SIZE(((struct xa_node *)0)->slots)

/** Whether an entry stands for another slot of the same node. */
static inline bool xa_is_sibling(const void *entry)
{
	return xa_is_internal(entry) && (unsigned long)entry < (XA_CHUNK_SIZE << 2);
}

/** Whether an entry is an errno. */
static inline bool xa_is_err(const void *entry)
{
	return xa_is_internal(entry) && (unsigned long)entry >= (unsigned long)-(MAX_ERRNO << 2) - 2;
}

/** Whether an array has no entry. */
static inline bool xa_empty(const struct xarray *array)
{
	return !array->xa_head;
}

/** The slot of a node, after what stands for another slot was followed. */
static inline void *xa_slot(const struct xa_node *node, unsigned int at)
{
	void *entry = node->slots[at];
	return xa_is_sibling(entry) ? node->slots[(unsigned long)entry >> 2] : entry;
}

/** The largest index below a node or an entry that is the root. */
static inline unsigned long xa_root_max(const void *root)
{
	if (!xa_is_node(root))
		return 0;
	return (XA_CHUNK_SIZE << xa_to_node(root)->shift) - 1;
}

/** What stands at an index, or null. */
static inline void *xa_load(const struct xarray *array, unsigned long index)
{
	void *entry = array->xa_head;
	if (index > xa_root_max(entry))
		return 0;
	while (xa_is_node(entry)) {
		struct xa_node *node = xa_to_node(entry);
		entry = xa_slot(node, (unsigned int)((index >> node->shift) & (XA_CHUNK_SIZE - 1)));
	}
	return xa_is_internal(entry) ? (void *)0 : entry;
}

/** An entry and where it is; null where there is none. */
struct xa_found {
	void *what;
	unsigned long where;
};

/** The first entry from `index` on, up to `last`. */
static inline struct xa_found xa_found_from(const struct xarray *array, unsigned long index, unsigned long last)
{
	struct xa_found found = { 0, index };
	for (;;) {
		void *entry = array->xa_head;
		if (found.where > last || found.where > xa_root_max(entry))
			return found;
		unsigned long covered = 1;
		while (xa_is_node(entry)) {
			struct xa_node *node = xa_to_node(entry);
			covered = 1UL << node->shift;
			entry = node->slots[(found.where >> node->shift) & (XA_CHUNK_SIZE - 1)];
		}
		if (entry && !xa_is_internal(entry)) {
			found.what = entry;
			return found;
		}
		found.where = (found.where | (covered - 1)) + 1;
		if (found.where == 0)
			return found;
	}
}

/** The first entry after `index`, up to `last`. */
static inline struct xa_found xa_found_after(const struct xarray *array, unsigned long index, unsigned long last)
{
	struct xa_found none = { 0, index };
	return index == ~0UL ? none : xa_found_from(array, index + 1, last);
}

/** The filter that lets every entry pass. */
#define XA_PRESENT 8

/** The first entry from the number on that `index` points to, up to `last`, or null; the number becomes its index. */
#define xa_find(array, index, last, filter) \
	({ _Static_assert((filter) == XA_PRESENT, "farcall does not read the marks of entries"); \
	   struct xa_found __found = xa_found_from(array, *(index), last); \
	   *(index) = __found.where; __found.what; })

/** The first entry after the number that `index` points to, up to `last`, or null; the number becomes its index. */
#define xa_find_after(array, index, last, filter) \
	({ _Static_assert((filter) == XA_PRESENT, "farcall does not read the marks of entries"); \
	   struct xa_found __found = xa_found_after(array, *(index), last); \
	   *(index) = __found.where; __found.what; })

/** Runs once for each entry from `start` to `last`. */
#define xa_for_each_range(array, index, entry, start, last) \
	for (struct xa_found __found = xa_found_from(array, start, last); \
	     ((entry) = __found.what) && ((index) = __found.where, 1); \
	     __found = xa_found_after(array, __found.where, last))

/** Runs once for each entry from `start` on. */
#define xa_for_each_start(array, index, entry, start) xa_for_each_range(array, index, entry, start, ~0UL)

/** Runs once for each entry. */
#define xa_for_each(array, index, entry) xa_for_each_start(array, index, entry, 0)

/** Declares where a search in an array stands: before the entry at `index`. */
#define XA_STATE(name, array, index) \
	struct xa_state name = { .xa = (array), .xa_index = (index), .xa_node = (struct xa_node *)3UL }

/** The first entry that a search comes to; the types of some kernels do not tell of it. */
#if !__has_parameters(xas_find, 2)
extern void *xas_find(struct xa_state *state, unsigned long last);
#endif
