/* Lists of the driver core, whose entries have references. */

/** The entry of a list of the driver core, or null where it was taken out and waits for its last reference. */
static inline struct klist_node *klist_live(struct klist_node *node)
{
	return (unsigned long)node->n_klist & 1 ? (struct klist_node *)0 : node;
}

/** Runs once for each `struct klist_node` that was not taken out. Nothing is held. */
#define klist_for_each(node, list) list_for_each_entry(node, &(list)->k_list, n_node) if (klist_live(node))
