/* Red-black trees: walks in order, and after the children. */

/** The structure that contains a `struct rb_node`. */
#define rb_entry(pointer, type, member) container_of(pointer, type, member)

/** The same, or null where the pointer is null. */
#define rb_entry_safe(pointer, type, member) \
	({ auto __node = (pointer); __node ? rb_entry(__node, type, member) : (type *)0; })

/** The parent of a node, or null. The lowest bits of the word are the colour. */
static inline struct rb_node *rb_parent(const struct rb_node *node)
{
	return (struct rb_node *)(node->__rb_parent_color & ~3UL);
}

/** Whether a tree is empty. */
static inline bool RB_EMPTY_ROOT(const struct rb_root *root)
{
	return !root->rb_node;
}

/** Whether a node is in no tree. */
static inline bool RB_EMPTY_NODE(const struct rb_node *node)
{
	return node->__rb_parent_color == (unsigned long)node;
}

/** The first node in order, or null. */
static inline struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *node = root->rb_node;
	while (node && node->rb_left)
		node = node->rb_left;
	return node;
}

/** The last node in order, or null. */
static inline struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *node = root->rb_node;
	while (node && node->rb_right)
		node = node->rb_right;
	return node;
}

/** The next node in order, or null. */
static inline struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *at = (struct rb_node *)node;
	if (RB_EMPTY_NODE(node))
		return 0;
	if (at->rb_right) {
		at = at->rb_right;
		while (at->rb_left)
			at = at->rb_left;
		return at;
	}
	struct rb_node *parent = rb_parent(at);
	while (parent && at == parent->rb_right) {
		at = parent;
		parent = rb_parent(at);
	}
	return parent;
}

/** The previous node in order, or null. */
static inline struct rb_node *rb_prev(const struct rb_node *node)
{
	struct rb_node *at = (struct rb_node *)node;
	if (RB_EMPTY_NODE(node))
		return 0;
	if (at->rb_left) {
		at = at->rb_left;
		while (at->rb_right)
			at = at->rb_right;
		return at;
	}
	struct rb_node *parent = rb_parent(at);
	while (parent && at == parent->rb_left) {
		at = parent;
		parent = rb_parent(at);
	}
	return parent;
}

/** The deepest node that is reached from `node` by going left where possible, else right. */
static inline struct rb_node *rb_left_deepest(struct rb_node *node)
{
	for (;;) {
		if (node->rb_left)
			node = node->rb_left;
		else if (node->rb_right)
			node = node->rb_right;
		else
			return node;
	}
}

/** The first node where children come before their parent, or null. */
static inline struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return root->rb_node ? rb_left_deepest(root->rb_node) : (struct rb_node *)0;
}

/** The next node where children come before their parent, or null. */
static inline struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	if (!node)
		return 0;
	struct rb_node *parent = rb_parent(node);
	if (parent && node == parent->rb_left && parent->rb_right)
		return rb_left_deepest(parent->rb_right);
	return parent;
}

/** The first node of a tree that remembers it. */
#define rb_first_cached(root) ((root)->rb_leftmost)

/** Runs once for each `struct rb_node` in order. */
#define rb_for_each(node, root) for ((node) = rb_first(root); (node); (node) = rb_next(node))

/** Runs once for each entry in order. */
#define rbtree_inorder_for_each_entry(entry, root, member) \
	for ((entry) = rb_entry_safe(rb_first(root), typeof(*(entry)), member); (entry); \
	     (entry) = rb_entry_safe(rb_next(&(entry)->member), typeof(*(entry)), member))

/** Runs once for each entry, children before their parent, where the body may free the entry. */
#define rbtree_postorder_for_each_entry_safe(entry, after, root, member) \
	for ((entry) = rb_entry_safe(rb_first_postorder(root), typeof(*(entry)), member); \
	     (entry) && ((after) = rb_entry_safe(rb_next_postorder(&(entry)->member), typeof(*(entry)), member), 1); \
	     (entry) = (after))
