/* Radix trees: arrays of pointers by the names that they had before Linux 4.20. */

/** What stands at an index, or null. */
#define radix_tree_lookup(root, index) xa_load(root, index)

/** Runs once for each entry; `index` is an unsigned long. The kernel's own walk gives slots, this gives entries. */
#define radix_tree_for_each(entry, root, index) xa_for_each(root, index, entry)

/** Refused: slots of a tree may be stale by the next line. */
#define radix_tree_for_each_slot(slot, root, iterator, start) \
	({ _Static_assert(0, "use radix_tree_for_each(entry, root, index), which gives entries"); })
