// The files of one file system that processes have open.
//
// effect: read
// when: You need to know which files stand in the way of an unmount, or are still written to.
// does: A row for each descriptor: the number and name of the process, the descriptor and the path.
// risk: Files that are only mapped have no descriptor; file-system-users knows them.
// undo: Nothing was changed.
// parameter FILE_SYSTEM: the name of the file system, such as "vda1", "dm-0", "tmpfs"; at most 31 characters
parameter string FILE_SYSTEM in 1..31 = "tmpfs";
struct super_block *super = find_super_block(FILE_SYSTEM);
int fd;
struct file *file;
for_each_process (t)
  for_each_fd (fd, file, t)
    if (file_inode(file)->i_sb == super) report(t->pid, t->comm, fd, file_text(file));
