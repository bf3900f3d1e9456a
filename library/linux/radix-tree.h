/* Radix trees: arrays of pointers by the names that they had before Linux 4.20. */

/** The name of struct xarray before Linux 4.20. */
#define radix_tree_root xarray

/** What stands at an index, or null. */
#define radix_tree_lookup(root, index) xa_load(root, index)

/** Runs once for each entry; `index` is an unsigned long. The kernel's own walk gives slots, this gives entries. */
#define radix_tree_for_each(entry, root, index) xa_for_each(root, index, entry)

/** Runs once for each entry from `start` on; `slot` points to a copy of it, and the index is in the iterator. */
#define radix_tree_for_each_slot(slot, root, iterator, start) \
	for (struct xa_found __found = xa_found_from(root, start, ~0UL); \
	     __found.what && ((iterator)->index = __found.where, (slot) = &__found.what, 1); \
	     __found = xa_found_after(root, __found.where, ~0UL))
