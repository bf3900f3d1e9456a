// The counter of tracked connections against the table itself.
//
// effect: read
// when: The log says that the table is full, and conntrack -L shows few connections.
// does: A row with what the counter of the host's network namespace says, and how many connections the table
//   has. Where the kernel does not track connections or tells no types of its module, the outcome is skipped.
// risk: Connections come and go meanwhile, so that a difference of some is normal.
// undo: Nothing was changed. The recipe recount-connections sets the counter right.
#if __has_type(struct nf_conntrack_tuple_hash) && __has_symbol(nf_conntrack_hash@nf_conntrack)
extern struct hlist_nulls_head *nf_conntrack_hash@nf_conntrack;
extern unsigned int nf_conntrack_htable_size@nf_conntrack;
#if __has_member(struct netns_ct, count)
int counted = atomic_read(&init_net.ct.count);
#else
extern unsigned int nf_conntrack_net_id@nf_conntrack;
int counted = atomic_read(&((struct nf_conntrack_net *)init_net.gen->ptr[nf_conntrack_net_id])->count);
#endif
int there = 0;
struct hlist_nulls_node *at;
struct nf_conntrack_tuple_hash *entry;
for (unsigned bucket = 0; bucket < nf_conntrack_htable_size; bucket++)
  hlist_nulls_for_each_entry (entry, at, &nf_conntrack_hash[bucket], hnnode)
    if (entry->tuple.dst.dir == 0 && container_of(entry, struct nf_conn, tuplehash[0])->ct_net.net == &init_net)
      there++;
report(counted, there);
#else
require(0);
#endif
