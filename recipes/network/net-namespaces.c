// Network namespaces, and how many processes are in each.
//
// effect: read
// when: There are more namespaces than containers, or a container's device cannot be deleted.
// does: A row for each namespace with its inode, its references and the processes in it. One with references
//   and no process is kept by a file, a mount or a socket, or it was leaked.
// risk: None that is known.
// undo: Nothing was changed. The recipe put-net-namespace gives a leaked reference back.
struct net *net;
for_each_net (net) {
  unsigned processes = 0;
  for_each_process (t) if (task_net(t) == net) processes++;
  report(net_inum(net), net_count(net), processes);
}
