// Unix sockets that have a name.
//
// effect: read
// when: A client cannot reach a service on the same host.
// does: A row for each named socket of the host's network namespace: the name, how many connections wait to
//   be accepted and how many may wait.
// risk: Before Linux 6.1 the sockets of all network namespaces are listed.
// undo: Nothing was changed.
struct sock *sock;
for_each_unix_sock (sock, &init_net)
  if (unix_sock_name(sock)[0]) report(unix_sock_name(sock), sock->sk_ack_backlog, sock->sk_max_ack_backlog);
