/* Hash lists whose end is an odd number, so that a reader sees when it was moved to another list. */

/** Whether a pointer is the end of such a list. */
static inline bool is_a_nulls(const struct hlist_nulls_node *node)
{
	return (unsigned long)node & 1;
}

/** The number that the end of a list carries. */
static inline unsigned long get_nulls_value(const struct hlist_nulls_node *node)
{
	return (unsigned long)node >> 1;
}

/** Whether such a list has no entry. */
static inline bool hlist_nulls_empty(const struct hlist_nulls_head *head)
{
	return is_a_nulls(head->first);
}

/** The structure that contains a `struct hlist_nulls_node`. */
#define hlist_nulls_entry(pointer, type, member) container_of(pointer, type, member)

/** Runs once for each entry; `at` is a `struct hlist_nulls_node *`. */
#define hlist_nulls_for_each_entry(entry, at, head, member) \
	for ((at) = (head)->first; !is_a_nulls(at) && ((entry) = hlist_nulls_entry(at, typeof(*(entry)), member), 1); \
	     (at) = (at)->next)

/** The same, for a list under RCU. */
#define hlist_nulls_for_each_entry_rcu(entry, at, head, member) hlist_nulls_for_each_entry(entry, at, head, member)
