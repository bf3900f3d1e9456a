/* References to files, names, inodes and mounts. */

/** The number of references to a file. */
static inline long file_count(const struct file *file)
{
#if __has_member(struct file, f_ref)
	return file->f_ref.refcnt.counter + 1;
#else
	return file->f_count.counter;
#endif
}

/** The number of references to an inode. */
#define icount_read(inode) atomic_read(&(inode)->i_count)

/** Whether a file system is mounted on a name. */
#define d_mountpoint(dentry) (((dentry)->d_flags & 0x10000) != 0)

/** Gives the name and the mount of a path back. */
#if !__has_symbol(path_put)
#define path_put(of) ({ const struct path *__path = (of); dput(__path->dentry); mntput(__path->mnt); })
#endif

/** Takes a reference to a file that has one. */
static inline struct file *get_file(struct file *file)
{
#if __has_member(struct file, f_ref)
	__atomic_fetch_add(&file->f_ref.refcnt.counter, 1);
#else
	__atomic_fetch_add(&file->f_count.counter, 1);
#endif
	return file;
}

/** Takes a reference to an inode that has one. */
static inline void ihold(struct inode *inode)
{
	__atomic_fetch_add(&inode->i_count.counter, 1);
}

/** Counts a reference; the types of some kernels do not tell of it. */
#if !__has_parameters(lockref_get, 1)
extern void lockref_get(struct lockref *lockref);
#endif

/** Takes a reference to a name, or passes null on. */
#define dget(name) ({ struct dentry *__taken = (name); if (__taken) lockref_get(&__taken->d_lockref); __taken; })

/** Refused: it reads an inode from its disk, and has no form that every file system understands. */
#define iget(super, number) ({ _Static_assert(0, "use ilookup(super, number), which finds an inode in memory"); })
