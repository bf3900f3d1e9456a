/* Lists that readers walk under rcu_read_lock(). */

/** The first entry of a list under RCU, or null. */
#define list_first_or_null_rcu(head, type, member) list_first_entry_or_null(head, type, member)

/** The entry that a pointer of a list under RCU leads to. */
#define list_entry_rcu(pointer, type, member) container_of(READ_ONCE(pointer), type, member)

/** Runs once for each entry of a list under RCU. A condition that a lock is held may follow; it is not used. */
#define list_for_each_entry_rcu(entry, head, member, ...) \
	for ((entry) = list_first_entry(head, typeof(*(entry)), member); !list_entry_is_head(entry, head, member); \
	     (entry) = list_next_entry(entry, member))

/** Runs once for each entry of a hash list under RCU. A condition may follow; it is not used. */
#define hlist_for_each_entry_rcu(entry, head, member, ...) hlist_for_each_entry(entry, head, member)

/** Takes an entry out, so that readers that are at it find their way on. The caller holds the lock of the list. */
static inline void list_del_rcu(struct list_head *entry)
{
	__list_del_entry(entry);
	entry->prev = (struct list_head *)0xdead000000000122UL;
}

/** The same for an entry of a hash list. */
static inline void hlist_del_rcu(struct hlist_node *node)
{
	__hlist_del(node);
	node->pprev = (struct hlist_node **)0xdead000000000122UL;
}

/** Takes an entry out of a hash list where it is in one, and marks that it is in none. */
static inline void hlist_del_init_rcu(struct hlist_node *node)
{
	if (node->pprev) {
		__hlist_del(node);
		node->pprev = 0;
	}
}
