// Gives a reference to a network namespace back that was leaked.
//
// effect: write
// when: net-namespaces shows one with references and no process, and no file, mount or socket keeps it.
// does: Gives one reference back if no process is in the namespace, and gives how many there were before. The
//   last one ends the namespace.
// risk: If the reference was not leaked, its owner then uses memory that is gone, and the host may crash.
// undo: A namespace that was ended does not come back.
// parameter NAMESPACE: 1..4294967295, the inode of the network namespace; not that of the host
parameter int NAMESPACE in 1..4294967295 = 4294967295;
struct net *net, *found = NULL;
for_each_net (net) if (net != &init_net && net_inum(net) == NAMESPACE) found = net;
require(found);
long before = net_count(found);
require(before > 0);
for_each_process (t) require(task_net(t) != found);
put_net(found);
before
