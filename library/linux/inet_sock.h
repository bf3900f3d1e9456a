/* Sockets of TCP, UDP and Unix in all network namespaces. All of it reads, and nothing is held. */

/** All sockets of TCP, but those of namespaces that have a table of their own. */
extern struct inet_hashinfo tcp_hashinfo;

/** All sockets of UDP, but those of namespaces that have a table of their own. */
extern struct udp_table udp_table;

/** A place in the tables of TCP; `sk` is null behind the last one. */
struct tcp_walk {
	struct sock *sk;
	const struct inet_hashinfo *table;
	unsigned long node;
	unsigned int bucket;
	bool listening;
};

/** The first node of a bucket of TCP. */
static inline unsigned long tcp_bucket(const struct inet_hashinfo *table, unsigned int bucket, bool listening)
{
	if (!listening)
		return (unsigned long)table->ehash[bucket].chain.first;
#if __has_member(struct inet_hashinfo, listening_hash)
	return (unsigned long)table->listening_hash[bucket].nulls_head.first;
#else
	return (unsigned long)table->lhash2[bucket].nulls_head.first;
#endif
}

/** The number of buckets of TCP. */
static inline unsigned int tcp_buckets(const struct inet_hashinfo *table, bool listening)
{
	if (!listening)
		return table->ehash_mask + 1;
#if __has_member(struct inet_hashinfo, listening_hash)
	return (unsigned int)ARRAY_SIZE(table->listening_hash);
#else
	return table->lhash2_mask + 1;
#endif
}

/** The table of TCP after another one: first that of most namespaces, then those of single ones. Null where there is none. */
static inline const struct inet_hashinfo *tcp_table_after(const struct inet_hashinfo *table)
{
	struct net *net;
	bool found = table == &tcp_hashinfo;
	for_each_net(net) {
		const struct inet_hashinfo *own = net->ipv4.tcp_death_row.hashinfo;
		if (!own || own == &tcp_hashinfo)
			continue;
		if (found)
			return own;
		found = own == table;
	}
	return 0;
}

/** The socket at a node or behind it. Those that listen are in one table for all namespaces. */
static inline struct tcp_walk tcp_walk_from(struct tcp_walk walk)
{
	while (walk.node & 1) {
		walk.bucket++;
		if (walk.bucket >= tcp_buckets(walk.table, walk.listening)) {
			bool last = walk.listening || walk.table != &tcp_hashinfo;
			walk.listening = !last;
			walk.bucket = 0;
			if (last) {
				walk.sk = 0;
				walk.table = tcp_table_after(walk.table);
				if (!walk.table)
					return walk;
			}
		}
		walk.node = tcp_bucket(walk.table, walk.bucket, walk.listening);
	}
	walk.sk = container_of((struct hlist_nulls_node *)walk.node, struct sock, __sk_common.skc_nulls_node);
	return walk;
}

/** The first socket of TCP, from a table on. */
static inline struct tcp_walk tcp_walk_first(const struct inet_hashinfo *table)
{
	struct tcp_walk walk = { 0, table, tcp_bucket(table, 0, false), 0, false };
	return tcp_walk_from(walk);
}

/** The next one. */
static inline struct tcp_walk tcp_walk_next(struct tcp_walk walk)
{
	walk.node = (unsigned long)walk.sk->__sk_common.skc_nulls_node.next;
	return tcp_walk_from(walk);
}

/** Runs once for each socket of TCP in all namespaces: connected ones, those that wait for their end (only their `__sk_common` is there), listening ones. */
#define for_each_tcp_sock(sock) \
	for (struct tcp_walk __walk = tcp_walk_first(&tcp_hashinfo); ((sock) = __walk.sk); __walk = tcp_walk_next(__walk))

/** A place in the tables of UDP; `sk` is null behind the last one. */
struct udp_walk {
	struct sock *sk;
	const struct udp_table *table;
	const struct hlist_node *node;
	unsigned int bucket;
};

/** The table of UDP after another one, as tcp_table_after. */
static inline const struct udp_table *udp_table_after(const struct udp_table *table)
{
#if __has_member(struct netns_ipv4, udp_table)
	struct net *net;
	bool found = table == &udp_table;
	for_each_net(net) {
		const struct udp_table *own = net->ipv4.udp_table;
		if (!own || own == &udp_table)
			continue;
		if (found)
			return own;
		found = own == table;
	}
#endif
	return 0;
}

/** The socket at a node or behind it. */
static inline struct udp_walk udp_walk_from(struct udp_walk walk)
{
	walk.sk = 0;
	while (!walk.node) {
		walk.bucket++;
		if (walk.bucket > walk.table->mask) {
			walk.table = udp_table_after(walk.table);
			if (!walk.table)
				return walk;
			walk.bucket = 0;
		}
		walk.node = walk.table->hash[walk.bucket].head.first;
	}
	walk.sk = container_of(walk.node, struct sock, __sk_common.skc_node);
	return walk;
}

/** The first socket of UDP. */
static inline struct udp_walk udp_walk_first(void)
{
	struct udp_walk walk = { 0, &udp_table, udp_table.hash[0].head.first, 0 };
	return udp_walk_from(walk);
}

/** The next one. */
static inline struct udp_walk udp_walk_next(struct udp_walk walk)
{
	walk.node = walk.sk->__sk_common.skc_node.next;
	return udp_walk_from(walk);
}

/** Runs once for each socket of UDP in all namespaces. */
#define for_each_udp_sock(sock) \
	for (struct udp_walk __walk = udp_walk_first(); ((sock) = __walk.sk); __walk = udp_walk_next(__walk))

/** Runs once for each Unix socket of a network namespace; before Linux 6.1, of all namespaces at once. */
#if __has_member(struct netns_unix, table)
#define for_each_unix_sock(sock, net) \
	for (int __bucket = 0; __bucket < 512; __bucket++) \
		hlist_for_each_entry(sock, &(net)->unx.table.buckets[__bucket], __sk_common.skc_node)
#else
extern struct hlist_head unix_socket_table[512];
#define for_each_unix_sock(sock, net) \
	for (int __bucket = 0; __bucket < 512; __bucket++) \
		hlist_for_each_entry(sock, &unix_socket_table[__bucket], __sk_common.skc_node) \
			if (sock_net(sock) == (net))
#endif

/** The path that a Unix socket is bound to; abstract names begin with @; empty where it has none. */
static inline const char *unix_sock_name(const struct sock *sock)
{
	const struct unix_address *address = ((const struct unix_sock *)sock)->addr;
	if (!address || address->len <= 2)
		return "";
	const char *path = address->name[0].sun_path;
	if (path[0])
		return text_of("%.*s", address->len - 2, path);
	return text_of("@%.*s", address->len - 3, path + 1);
}

/** The state of a socket as ss shows it. */
static inline const char *sock_state_name(const struct sock *sock)
{
	const char *const names[13] = { "?", "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
		"UNCONN", "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING", "NEW-SYN-RECV" };
	return names[sock->__sk_common.skc_state < 13 ? sock->__sk_common.skc_state : 0];
}

/** The address and port of a socket of IPv4 or IPv6 as text. */
static inline const char *sock_local(const struct sock *sock)
{
	const struct sock_common *common = &sock->__sk_common;
	if (common->skc_family == 10)
		return text_of("[%pI6c]:%u", &common->skc_v6_rcv_saddr, common->skc_num);
	return text_of("%pI4:%u", &common->skc_rcv_saddr, common->skc_num);
}

/** The address and port at the other end as text. */
static inline const char *sock_remote(const struct sock *sock)
{
	const struct sock_common *common = &sock->__sk_common;
	if (common->skc_family == 10)
		return text_of("[%pI6c]:%u", &common->skc_v6_daddr, ntohs(common->skc_dport));
	return text_of("%pI4:%u", &common->skc_daddr, ntohs(common->skc_dport));
}

/** The memory in bytes that a TCP or UDP socket holds for unread data: more than the data themselves. */
#define sock_receive_queue_bytes(sock) ((sock)->sk_backlog.rmem_alloc.counter)

/** The inode of a socket, as /proc/net and /proc/PID/fd show it; 0 where no file belongs to it. */
static inline unsigned long sock_inode(const struct sock *sock)
{
	if (sock->__sk_common.skc_state == TCP_TIME_WAIT || sock->__sk_common.skc_state == TCP_NEW_SYN_RECV || !sock->sk_socket)
		return 0;
	return container_of(sock->sk_socket, struct socket_alloc, socket)->vfs_inode.i_ino;
}

/** Reports all sockets of TCP: a row with state, addresses and the inode of the namespace. */
#define report_tcp_sockets() \
	({ struct sock *__sock; for_each_tcp_sock(__sock) \
		report(sock_state_name(__sock), sock_local(__sock), sock_remote(__sock), net_inum(sock_net(__sock))); })
