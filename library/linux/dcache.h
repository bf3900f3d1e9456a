/* Names of files: walked in the cache, without opening anything. */

/** The bits of d_flags that tell the kind of a name. */
#define DCACHE_ENTRY_TYPE (7 << 20)

/** Whether no file has this name. */
static inline bool d_is_negative(const struct dentry *dentry)
{
	return !dentry->d_inode;
}

/** Whether a name is of a directory. */
static inline bool d_is_dir(const struct dentry *dentry)
{
	return dentry->d_inode && (dentry->d_inode->i_mode & 0170000) == 0040000;
}

/** Whether a name is the root of its file system, or is in none. */
static inline bool IS_ROOT(const struct dentry *dentry)
{
	return dentry->d_parent == dentry;
}

/** Whether a name is in no hash list: it was deleted. */
static inline bool d_unhashed(const struct dentry *dentry)
{
	return !dentry->d_hash.pprev;
}

/** The number of references to a name. */
static inline int d_count(const struct dentry *dentry)
{
	return dentry->d_lockref.count;
}

/** Runs once for each name in a directory that the cache knows. */
#if __has_member(struct dentry, d_children)
#define for_each_dentry_child(child, directory) hlist_for_each_entry(child, &(directory)->d_children, d_sib)
#else
#define for_each_dentry_child(child, directory) list_for_each_entry(child, &(directory)->d_subdirs, d_child)
#endif

/** The entry with a name in a directory, as far as the cache knows, or null. */
static inline struct dentry *dentry_child(const struct dentry *directory, const char *name, size_t length)
{
	struct dentry *child;
	for_each_dentry_child(child, directory)
		if (child->d_name.len == length && strncmp((const char *)child->d_name.name, name, length) == 0 &&
		    !d_unhashed(child))
			return child;
	return 0;
}
