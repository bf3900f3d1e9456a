/* Settings of the kernel in /proc/sys. */

/** All settings but those of namespaces. */
extern struct ctl_table_root sysctl_table_root;

/** The setting of a node of a directory. */
static inline const struct ctl_table *ctl_entry(const struct ctl_node *node)
{
	const struct ctl_table_header *header = node->header;
	return (const struct ctl_table *)header->ctl_table + (node - header->node);
}

/** The setting with a path such as "kernel/panic". Where there is none, the program ends as skipped. */
static inline const struct ctl_table *find_sysctl(const char *path)
{
	const struct ctl_dir *directory = &sysctl_table_root.default_set.dir;
	for (;;) {
		size_t length = 0;
		while (path[length] && path[length] != '/')
			length++;
		const struct ctl_table *found = 0;
		const struct ctl_node *node;
		const struct ctl_table_header *header = 0;
		rbtree_inorder_for_each_entry(node, &directory->root, node) {
			const struct ctl_table *entry = ctl_entry(node);
			if (strncmp(entry->procname, path, length) == 0 && !entry->procname[length]) {
				found = entry;
				header = node->header;
			}
		}
		require(found);
		if (!path[length])
			return found;
		require(S_ISDIR(found->mode));
		directory = (const struct ctl_dir *)header;
		path += length + 1;
	}
}

/** The int that a setting holds. */
#define sysctl_int(path) (*(int *)find_sysctl(path)->data)
