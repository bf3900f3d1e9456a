/* Maple trees: ranges of numbers, each with an entry. Since Linux 6.1. All of it reads. */

/** The node that a pointer in a tree leads to. The lowest bits of the pointer are the kind of the node. */
#if __has_type(struct maple_tree)
static inline struct maple_node *mte_to_node(const void *pointer)
{
	return (struct maple_node *)((unsigned long)pointer & ~255UL);
}
#endif

/** The kind of the node that a pointer in a tree leads to. */
static inline unsigned int mte_node_type(const void *pointer)
{
	return (unsigned int)((unsigned long)pointer >> 3) & 15;
}

/** Whether the entries of a node are the tree's own nodes. */
static inline bool mte_has_nodes(const void *pointer)
{
	return mte_node_type(pointer) >= maple_range_64;
}

/** What a range of numbers has, and its last number; null where it has nothing. */
struct mt_found {
	void *what;
	unsigned long last;
};

/** What the range has that a number is in. */
#if __has_type(struct maple_tree)
static inline struct mt_found mt_found_at(const struct maple_tree *tree, unsigned long index)
{
	struct mt_found found = { tree->ma_root, ~0UL };
	if (!xa_is_node(found.what)) {
		if (index)
			found.what = 0;
		else
			found.last = 0;
		return found;
	}
	for (;;) {
		struct maple_node *node = mte_to_node(found.what);
		bool wide = mte_node_type(found.what) == maple_arange_64;
		unsigned int slots = (unsigned int)(wide ? ARRAY_SIZE(node->ma64.slot) : ARRAY_SIZE(node->mr64.slot));
		bool above = mte_has_nodes(found.what);
		unsigned int at = 0;
		for (; at < slots - 1; at++) {
			unsigned long end = wide ? node->ma64.pivot[at] : node->mr64.pivot[at];
			if ((end == 0 && at > 0) || end >= found.last)
				break;
			if (index <= end) {
				found.last = end;
				break;
			}
		}
		found.what = wide ? node->ma64.slot[at] : node->mr64.slot[at];
		if (!above || !found.what)
			break;
	}
	if (xa_is_internal(found.what))
		found.what = 0;
	return found;
}
#endif

/** The entry of an index, or null. */
#if __has_type(struct maple_tree)
static inline void *mtree_load(const struct maple_tree *tree, unsigned long index)
{
	return mt_found_at(tree, index).what;
}
#endif

/** What the first range has that ends at `index` or later, up to `limit`, and has something. */
#if __has_type(struct maple_tree)
static inline struct mt_found mt_found_from(const struct maple_tree *tree, unsigned long index, unsigned long limit)
{
	struct mt_found found = mt_found_at(tree, index);
	while (!found.what && found.last < limit)
		found = mt_found_at(tree, found.last + 1);
	return found;
}
#endif

/** The same, of the range after one that ends at `last`. */
#if __has_type(struct maple_tree)
static inline struct mt_found mt_found_after(const struct maple_tree *tree, unsigned long last, unsigned long limit)
{
	struct mt_found none = { 0, last };
	return last >= limit ? none : mt_found_from(tree, last + 1, limit);
}
#endif

/** The first entry from the number on that `index` points to, or null; the number goes behind its range. */
#define mt_find(tree, index, limit) \
	({ struct mt_found __found = mt_found_from(tree, *(index), limit); \
	   if (__found.what) *(index) = __found.last + 1; __found.what; })

/** Runs once for each entry from `index` to `limit`; `index`, an unsigned long, becomes the end of its range. */
#define mt_for_each(tree, entry, index, limit) \
	for (struct mt_found __found = mt_found_from(tree, index, limit); \
	     ((entry) = __found.what) && ((index) = __found.last, 1); \
	     __found = mt_found_after(tree, __found.last, limit))

/** Runs once for each entry up to `limit`; `state` is a `struct ma_state`, and the walk begins at its index. */
#define mas_for_each(state, entry, limit) \
	for (struct mt_found __found = mt_found_from((state)->tree, (state)->index, limit); \
	     ((entry) = __found.what) != 0; __found = mt_found_after((state)->tree, __found.last, limit))
