// Sockets of TCP in all network namespaces.
//
// effect: read
// when: ss or netstat are not there, or you need those of containers too.
// does: A row for each socket with its state, both addresses and the inode of its network namespace.
// risk: Sockets come and go meanwhile. On a host with 100,000 of them the host cuts the list.
// undo: Nothing was changed.
report_tcp_sockets();
