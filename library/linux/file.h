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
#define path_put(path) ({ const struct path *__path = (path); dput(__path->dentry); mntput(__path->mnt); })
#endif
