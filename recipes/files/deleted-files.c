// Processes that keep files which have been deleted.
//
// effect: read
// when: df says that a disk is full, and du finds less.
// does: A row for each such descriptor: the number and name of the process, the descriptor, the bytes and the
//   path that the file had.
// risk: A file that two processes have open has two rows, so the sum of the bytes may be too large.
// undo: Nothing was changed. A process gives the space back when it closes the file or ends.
// parameter LEAST_BYTES: 0..1099511627776, files below this size are left out
parameter int LEAST_BYTES in 0..1099511627776 = 1048576;
int fd;
struct file *file;
for_each_process (t)
  for_each_fd (fd, file, t) {
    struct inode *inode = file_inode(file);
    if (S_ISREG(inode->i_mode) && inode->i_nlink == 0 && i_size_read(inode) >= LEAST_BYTES)
      report(t->pid, t->comm, fd, i_size_read(inode), dentry_text(file_dentry(file)));
  }
