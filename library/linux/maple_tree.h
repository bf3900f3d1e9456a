/* Maple trees: ranges of numbers, each with an entry. Since Linux 6.1. All of it reads. */

/** The node that a pointer in a tree leads to. The lowest bits of the pointer are the kind of the node. */
static inline struct maple_node *mte_to_node(const void *pointer)
{
	return (struct maple_node *)((unsigned long)pointer & ~255UL);
}

/** The kind of the node that a pointer in a tree leads to. */
static inline unsigned int mte_node_type(const void *pointer)
{
	return ((unsigned long)pointer >> 3) & 15;
}

/** Whether the entries of a node are the tree's own nodes. */
static inline bool mte_has_nodes(const void *pointer)
{
	return mte_node_type(pointer) >= maple_range_64;
}

/** The entry of `index`; `*last` becomes the last number of its range. Null where the range has no entry. */
static inline void *mt_entry_at(const struct maple_tree *tree, unsigned long index, unsigned long *last)
{
	void *entry = tree->ma_root;
	*last = ~0UL;
	if (!xa_is_node(entry)) {
		*last = index ? ~0UL : 0;
		return index ? (void *)0 : entry;
	}
	for (;;) {
		struct maple_node *node = mte_to_node(entry);
		bool wide = mte_node_type(entry) == maple_arange_64;
		unsigned int slots = wide ? ARRAY_SIZE(node->ma64.slot) : ARRAY_SIZE(node->mr64.slot);
		bool above = mte_has_nodes(entry);
		unsigned int at = 0;
		for (; at < slots - 1; at++) {
			unsigned long end = wide ? node->ma64.pivot[at] : node->mr64.pivot[at];
			if ((end == 0 && at > 0) || end >= *last)
				break;
			if (index <= end) {
				*last = end;
				break;
			}
		}
		entry = wide ? node->ma64.slot[at] : node->mr64.slot[at];
		if (!above)
			return entry;
		if (!entry)
			return 0;
	}
}

/** The entry of an index, or null. */
static inline void *mtree_load(const struct maple_tree *tree, unsigned long index)
{
	unsigned long last;
	void *entry = mt_entry_at(tree, index, &last);
	return xa_is_internal(entry) ? (void *)0 : entry;
}

/** The first entry whose range ends at `*index` or later, up to `limit`, or null; `*index` goes behind its range. */
static inline void *mt_find(const struct maple_tree *tree, unsigned long *index, unsigned long limit)
{
	unsigned long at = *index;
	for (;;) {
		unsigned long last;
		void *entry = mt_entry_at(tree, at, &last);
		if (entry && !xa_is_internal(entry)) {
			*index = last + 1;
			return entry;
		}
		if (last >= limit || last == ~0UL)
			return 0;
		at = last + 1;
	}
}

/** Runs once for each entry from `index` to `limit`; `index` is an unsigned long. */
#define mt_for_each(tree, entry, index, limit) \
	for ((entry) = mt_find(tree, &(index), limit); (entry); \
	     (entry) = (index) ? mt_find(tree, &(index), limit) : (void *)0)
