/* Hash lists with a lock in the lowest bit of the head's pointer. */

/** The first node of such a list, or null. */
static inline struct hlist_bl_node *hlist_bl_first(const struct hlist_bl_head *head)
{
	return (struct hlist_bl_node *)((unsigned long)head->first & ~1UL);
}

/** Whether such a list has no entry. */
static inline bool hlist_bl_empty(const struct hlist_bl_head *head)
{
	return !hlist_bl_first(head);
}

/** Whether somebody holds the lock of such a list. */
static inline bool hlist_bl_is_locked(const struct hlist_bl_head *head)
{
	return (unsigned long)head->first & 1;
}

/** The structure that contains a `struct hlist_bl_node`. */
#define hlist_bl_entry(pointer, type, member) container_of(pointer, type, member)

/** Runs once for each entry; `at` is a `struct hlist_bl_node *`. */
#define hlist_bl_for_each_entry(entry, at, head, member) \
	for ((at) = hlist_bl_first(head); (at) && ((entry) = hlist_bl_entry(at, typeof(*(entry)), member), 1); \
	     (at) = (at)->next)

/** The same, for a list under RCU. */
#define hlist_bl_for_each_entry_rcu(entry, at, head, member) hlist_bl_for_each_entry(entry, at, head, member)
