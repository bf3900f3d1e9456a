// Files of a file system that have the most pages in memory.
//
// effect: read
// when: The page cache is large, and you want to know whose it is.
// does: A row for each file with more pages than a limit: its inode number, the pages and a path in the file
//   system.
// risk: On a file system with millions of inodes the fuel of the program may end before the walk does. The
//   rows that were found until then are in the result.
// undo: Nothing was changed.
// parameter FILE_SYSTEM: the name of the file system, such as "vda1", "dm-0", "tmpfs"; at most 31 characters
// parameter LEAST_PAGES: 1..1000000000, files with fewer pages are left out
parameter string FILE_SYSTEM in 1..31 = "tmpfs";
parameter int LEAST_PAGES in 1..1000000000 = 256;
struct inode *inode;
#if __has_member(struct dentry, d_u.d_alias)
#define FIRST_NAME(inode) container_of((inode)->i_dentry.first, struct dentry, d_u.d_alias)
#else
#define FIRST_NAME(inode) container_of((inode)->i_dentry.first, struct dentry, d_alias)
#endif
for_each_inode (inode, find_super_block(FILE_SYSTEM))
  if (inode_cached_pages(inode) >= LEAST_PAGES)
    report(inode->i_ino, inode_cached_pages(inode),
           inode->i_dentry.first ? dentry_text(FIRST_NAME(inode)) : "");
