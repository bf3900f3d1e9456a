/* Doubly linked lists. A list is a ring of `struct list_head`, one of which is the head. */

/** The structure that contains a `struct list_head`. */
#define list_entry(pointer, type, member) container_of(pointer, type, member)

/** The first entry. The list is not empty. */
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)

/** The last entry. The list is not empty. */
#define list_last_entry(head, type, member) list_entry((head)->prev, type, member)

/** The first entry, or null. */
#define list_first_entry_or_null(head, type, member) \
	({ struct list_head *__head = (head); struct list_head *__first = __head->next; \
	   __first != __head ? list_entry(__first, type, member) : (type *)0; })

/** The entry after `entry`. */
#define list_next_entry(entry, member) list_entry((entry)->member.next, typeof(*(entry)), member)

/** The entry before `entry`. */
#define list_prev_entry(entry, member) list_entry((entry)->member.prev, typeof(*(entry)), member)

/** Whether an entry is the head, which a walk ends at. */
#define list_entry_is_head(entry, head, member) (&(entry)->member == (head))

/** Whether a list has no entry. */
static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

/** Whether a list has one entry. */
static inline bool list_is_singular(const struct list_head *head)
{
	return head->next != head && head->next == head->prev;
}

/** Whether an entry is the first of a list. */
static inline bool list_is_first(const struct list_head *entry, const struct list_head *head)
{
	return entry->prev == head;
}

/** Whether an entry is the last of a list. */
static inline bool list_is_last(const struct list_head *entry, const struct list_head *head)
{
	return entry->next == head;
}

/** The number of entries. */
static inline unsigned long list_count_nodes(const struct list_head *head)
{
	unsigned long count = 0;
	for (const struct list_head *at = head->next; at != head; at = at->next)
		count++;
	return count;
}

/** Runs once for each `struct list_head` of a list. */
#define list_for_each(at, head) for ((at) = (head)->next; (at) != (head); (at) = (at)->next)

/** The same, from the last to the first. */
#define list_for_each_prev(at, head) for ((at) = (head)->prev; (at) != (head); (at) = (at)->prev)

/** The same, where the body may take the entry out. */
#define list_for_each_safe(at, after, head) \
	for ((at) = (head)->next, (after) = (at)->next; (at) != (head); (at) = (after), (after) = (at)->next)

/** Runs once for each entry, from the last to the first. */
#define list_for_each_entry_reverse(entry, head, member) \
	for ((entry) = list_last_entry(head, typeof(*(entry)), member); !list_entry_is_head(entry, head, member); \
	     (entry) = list_prev_entry(entry, member))

/** Goes on after `entry`. */
#define list_for_each_entry_continue(entry, head, member) \
	for ((entry) = list_next_entry(entry, member); !list_entry_is_head(entry, head, member); \
	     (entry) = list_next_entry(entry, member))

/** Goes on before `entry`, towards the first. */
#define list_for_each_entry_continue_reverse(entry, head, member) \
	for ((entry) = list_prev_entry(entry, member); !list_entry_is_head(entry, head, member); \
	     (entry) = list_prev_entry(entry, member))

/** Goes on at `entry`. */
#define list_for_each_entry_from(entry, head, member) \
	for (; !list_entry_is_head(entry, head, member); (entry) = list_next_entry(entry, member))

/** Runs once for each entry, where the body may take the entry out. */
#define list_for_each_entry_safe(entry, after, head, member) \
	for ((entry) = list_first_entry(head, typeof(*(entry)), member), (after) = list_next_entry(entry, member); \
	     !list_entry_is_head(entry, head, member); (entry) = (after), (after) = list_next_entry(after, member))

/** The same, from the last to the first. */
#define list_for_each_entry_safe_reverse(entry, before, head, member) \
	for ((entry) = list_last_entry(head, typeof(*(entry)), member), (before) = list_prev_entry(entry, member); \
	     !list_entry_is_head(entry, head, member); (entry) = (before), (before) = list_prev_entry(before, member))

/** Makes a list head empty. */
static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

/** Links an entry in between two others. The caller holds the lock of the list. */
static inline void __list_add(struct list_head *entry, struct list_head *before, struct list_head *after)
{
	after->prev = entry;
	entry->next = after;
	entry->prev = before;
	before->next = entry;
}

/** Puts an entry first. The caller holds the lock of the list. */
static inline void list_add(struct list_head *entry, struct list_head *head)
{
	__list_add(entry, head, head->next);
}

/** Puts an entry last. The caller holds the lock of the list. */
static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	__list_add(entry, head->prev, head);
}

/** Links the neighbours of an entry with each other. */
static inline void __list_del_entry(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
}

/** Takes an entry out, and marks it as the kernel marks it. The caller holds the lock of the list. */
static inline void list_del(struct list_head *entry)
{
	__list_del_entry(entry);
	entry->next = (struct list_head *)0xdead000000000100UL;
	entry->prev = (struct list_head *)0xdead000000000122UL;
}

/** Takes an entry out, and makes it an empty list. The caller holds the lock of the list. */
static inline void list_del_init(struct list_head *entry)
{
	__list_del_entry(entry);
	INIT_LIST_HEAD(entry);
}

/** Takes an entry out and puts it first in a list. The caller holds both locks. */
static inline void list_move(struct list_head *entry, struct list_head *head)
{
	__list_del_entry(entry);
	list_add(entry, head);
}

/** Takes an entry out and puts it last in a list. The caller holds both locks. */
static inline void list_move_tail(struct list_head *entry, struct list_head *head)
{
	__list_del_entry(entry);
	list_add_tail(entry, head);
}

/** The structure that contains a `struct hlist_node`. */
#define hlist_entry(pointer, type, member) container_of(pointer, type, member)

/** The same, or null where the pointer is null. */
#define hlist_entry_safe(pointer, type, member) \
	({ auto __node = (pointer); __node ? hlist_entry(__node, type, member) : (type *)0; })

/** Whether a hash list has no entry. */
static inline bool hlist_empty(const struct hlist_head *head)
{
	return !head->first;
}

/** Whether an entry is in no hash list. */
static inline bool hlist_unhashed(const struct hlist_node *node)
{
	return !node->pprev;
}

/** Runs once for each `struct hlist_node` of a hash list. */
#define hlist_for_each(at, head) for ((at) = (head)->first; (at); (at) = (at)->next)

/** Runs once for each entry of a hash list. */
#define hlist_for_each_entry(entry, head, member) \
	for ((entry) = hlist_entry_safe((head)->first, typeof(*(entry)), member); (entry); \
	     (entry) = hlist_entry_safe((entry)->member.next, typeof(*(entry)), member))

/** Goes on after `entry`. */
#define hlist_for_each_entry_continue(entry, member) \
	for ((entry) = hlist_entry_safe((entry)->member.next, typeof(*(entry)), member); (entry); \
	     (entry) = hlist_entry_safe((entry)->member.next, typeof(*(entry)), member))

/** Runs once for each entry of a hash list, where the body may take the entry out. */
#define hlist_for_each_entry_safe(entry, after, head, member) \
	for ((entry) = hlist_entry_safe((head)->first, typeof(*(entry)), member); \
	     (entry) && ((after) = (entry)->member.next, 1); \
	     (entry) = hlist_entry_safe(after, typeof(*(entry)), member))

/** Takes an entry out of its hash list. The caller holds the lock of the list. */
static inline void __hlist_del(struct hlist_node *node)
{
	struct hlist_node *after = node->next;
	*node->pprev = after;
	if (after)
		after->pprev = node->pprev;
}

/** The same, and marks the entry as the kernel marks it. */
static inline void hlist_del(struct hlist_node *node)
{
	__hlist_del(node);
	node->next = (struct hlist_node *)0xdead000000000100UL;
	node->pprev = (struct hlist_node **)0xdead000000000122UL;
}

/** Takes an entry out where it is in a hash list, and marks that it is in none. */
static inline void hlist_del_init(struct hlist_node *node)
{
	if (node->pprev) {
		__hlist_del(node);
		node->next = 0;
		node->pprev = 0;
	}
}
