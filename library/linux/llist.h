/* Lists with one pointer, which many add to without a lock. */

/** Whether such a list has no entry. */
static inline bool llist_empty(const struct llist_head *head)
{
	return !head->first;
}

/** The structure that contains a `struct llist_node`. */
#define llist_entry(pointer, type, member) container_of(pointer, type, member)

/** Runs once for each `struct llist_node`, from `node` on. */
#define llist_for_each(at, node) for ((at) = (node); (at); (at) = (at)->next)

/** Runs once for each entry, from `node` on. */
#define llist_for_each_entry(entry, node, member) \
	for (struct llist_node *__at = (node); __at && ((entry) = llist_entry(__at, typeof(*(entry)), member), 1); \
	     __at = __at->next)

/** The same, where the body may change the entry. */
#define llist_for_each_entry_safe(entry, after, node, member) \
	for (struct llist_node *__at = (node); \
	     __at && ((entry) = llist_entry(__at, typeof(*(entry)), member), __at = __at->next, 1);)
