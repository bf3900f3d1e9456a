// Sockets that received more than their process reads.
//
// effect: read
// when: A service answers slowly, and you want to know whether it or the network is slow.
// does: A row for each socket of TCP or UDP whose unread data take more memory than a limit: the protocol,
//   both addresses, the bytes of memory and the inode of the socket, as process-files shows it.
// risk: Sockets come and go meanwhile.
// undo: Nothing was changed.
// parameter LEAST_BYTES: 1..1073741824, sockets with less memory are left out
parameter int LEAST_BYTES in 1..1073741824 = 65536;
struct sock *sock;
for_each_tcp_sock (sock) {
  // Those that wait for their end are no whole sockets: 6 is TIME_WAIT, 12 NEW_SYN_RECV.
  if (sock->__sk_common.skc_state == 6 || sock->__sk_common.skc_state == 12) continue;
  if (sock->__sk_common.skc_state == 10) continue; // one that listens
  if (sock_receive_queue_bytes(sock) >= LEAST_BYTES)
    report("tcp", sock_local(sock), sock_remote(sock), sock_receive_queue_bytes(sock), sock_inode(sock));
}
for_each_udp_sock (sock)
  if (sock_receive_queue_bytes(sock) >= LEAST_BYTES)
    report("udp", sock_local(sock), sock_remote(sock), sock_receive_queue_bytes(sock), sock_inode(sock));
