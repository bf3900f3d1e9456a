/* Files, inodes and file systems. */

/** The kind of a file in its mode. */
#define S_IFMT 0170000

/** Whether a mode is of a directory. */
#define S_ISDIR(mode) (((mode) & S_IFMT) == 0040000)

/** Whether a mode is of a regular file. */
#define S_ISREG(mode) (((mode) & S_IFMT) == 0100000)

/** Whether a mode is of a symbolic link. */
#define S_ISLNK(mode) (((mode) & S_IFMT) == 0120000)

/** Whether a mode is of a socket. */
#define S_ISSOCK(mode) (((mode) & S_IFMT) == 0140000)

/** Whether a mode is of a character device. */
#define S_ISCHR(mode) (((mode) & S_IFMT) == 0020000)

/** Whether a mode is of a block device. */
#define S_ISBLK(mode) (((mode) & S_IFMT) == 0060000)

/** Whether a mode is of a pipe. */
#define S_ISFIFO(mode) (((mode) & S_IFMT) == 0010000)

/** The inode of a file that is open. */
#define file_inode(file) ((file)->f_inode)

/** The name of a file that is open. */
#define file_dentry(file) ((file)->f_path.dentry)

/** The bytes of a file. */
#define i_size_read(inode) READ_ONCE((inode)->i_size)

/** All file systems that are in use. */
extern struct list_head super_blocks;

/** Runs once for each file system that is in use. */
#define for_each_super_block(super) list_for_each_entry(super, &super_blocks, s_list)

/** The file system with a name such as "vda1" or "tmpfs". Where there is none, the program ends as skipped. */
static inline struct super_block *find_super_block(const char *name)
{
	struct super_block *super;
	for_each_super_block(super)
		if (strcmp(super->s_id, name) == 0)
			return super;
	require(0);
	return 0;
}

/** Runs once for each inode of a file system. */
#define for_each_inode(inode, super) list_for_each_entry(inode, &(super)->s_inodes, i_sb_list)

/** Runs once for each page of a file that is in memory; `index`, an unsigned long, is its number in the file. */
#define for_each_cached_page(page, index, inode) \
	xa_for_each(&(inode)->i_mapping->i_pages, index, page) if (!xa_is_value(page))

/** Whether a file system is frozen: 0 no, 1 to 3 on the way, 4 completely. */
#define sb_frozen(super) ((super)->s_writers.frozen)
