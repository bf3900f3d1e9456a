// Processes that have sockets of a family.
//
// effect: read
// when: You want to take a family away, such as AF_ALG (38), and need to know whom that hurts.
// does: A row for each socket: the number and name of the process, and the descriptor.
// risk: A process that opens a socket afterwards is not listed.
// undo: Nothing was changed. The recipe socket-family-off takes the family away.
// parameter FAMILY: 1..45, the number of the family
parameter int FAMILY in 1..45 = 38;
int fd;
struct file *file;
for_each_process (t)
  for_each_fd (fd, file, t) {
    struct sock *sock = file_sock(file);
    if (sock && sock->__sk_common.skc_family == FAMILY) report(t->pid, t->comm, fd);
  }
