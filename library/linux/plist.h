/* Lists that are kept in the order of a priority. */

/** Whether such a list has no entry. */
static inline bool plist_head_empty(const struct plist_head *head)
{
	return list_empty(&head->node_list);
}

/** Whether an entry is in no list. */
static inline bool plist_node_empty(const struct plist_node *node)
{
	return list_empty(&node->node_list);
}

/** Runs once for each `struct plist_node`, from the smallest priority on. */
#define plist_for_each(at, head) \
	for ((at) = list_first_entry(&(head)->node_list, struct plist_node, node_list); \
	     &(at)->node_list != &(head)->node_list; (at) = list_next_entry(at, node_list))

/** Runs once for each entry, from the smallest priority on. */
#define plist_for_each_entry(entry, head, member) \
	for ((entry) = list_first_entry(&(head)->node_list, typeof(*(entry)), member.node_list); \
	     &(entry)->member.node_list != &(head)->node_list; \
	     (entry) = list_entry((entry)->member.node_list.next, typeof(*(entry)), member.node_list))

/** The first entry. The list is not empty. */
#define plist_first_entry(head, type, member) list_first_entry(&(head)->node_list, type, member.node_list)
