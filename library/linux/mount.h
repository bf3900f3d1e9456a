/* Mounts. */

/** The structure around a `struct vfsmount`. */
static inline struct mount *real_mount(const struct vfsmount *mount)
{
	return container_of(mount, struct mount, mnt);
}

/** Runs once for each mount of a namespace. */
#if __has_member(struct mnt_namespace, list)
#define for_each_mount(mount, namespace) list_for_each_entry(mount, &(namespace)->list, mnt_list)
#else
#define for_each_mount(mount, namespace) rbtree_inorder_for_each_entry(mount, &(namespace)->mounts, mnt_node)
#endif

/** The mount that stands on a name of another mount, or null. */
static inline struct mount *mount_at(const struct mount *parent, const struct dentry *dentry)
{
	struct mount *child;
	list_for_each_entry(child, &parent->mnt_mounts, mnt_child)
		if (child->mnt_mountpoint == dentry)
			return child;
	return 0;
}

/** The first process. */
extern struct task_struct init_task;

/** The mount that a path from the root leads to, and the name there, as far as the cache knows. */
static inline struct path find_path(const char *text)
{
	struct path root = init_task.fs->root;
	struct mount *mount = real_mount(root.mnt);
	struct dentry *dentry = root.dentry;
	for (;;) {
		struct mount *above = mount_at(mount, dentry);
		while (above) {
			mount = above;
			dentry = mount->mnt.mnt_root;
			above = mount_at(mount, dentry);
		}
		while (*text == '/')
			text++;
		if (!*text)
			break;
		size_t length = 0;
		while (text[length] && text[length] != '/')
			length++;
		dentry = dentry_child(dentry, text, length);
		require(dentry && dentry->d_inode);
		text += length;
	}
	root.mnt = &mount->mnt;
	root.dentry = dentry;
	return root;
}
