// Sets the counter of tracked connections right.
//
// effect: write
// when: connection-count shows a counter that is far above the table, and new connections are dropped.
// does: Subtracts what the counter has too many if that is at least a limit, and gives the difference. Else
//   the outcome is skipped.
// risk: Connections that begin or end while the table is counted make the counter wrong by as many.
// undo: Nothing needs to be; the counter is right.
// parameter LEAST_WRONG: 1..1000000, with a smaller difference nothing is done
parameter int LEAST_WRONG in 1..1000000 = 100;
#if __has_type(struct nf_conntrack_tuple_hash) && __has_symbol(nf_conntrack_hash@nf_conntrack)
extern struct hlist_nulls_head *nf_conntrack_hash@nf_conntrack;
extern unsigned int nf_conntrack_htable_size@nf_conntrack;
#if __has_member(struct netns_ct, count)
atomic_t *counter = &init_net.ct.count;
#else
extern unsigned int nf_conntrack_net_id@nf_conntrack;
atomic_t *counter = &((struct nf_conntrack_net *)init_net.gen->ptr[nf_conntrack_net_id])->count;
#endif
int there = 0;
struct hlist_nulls_node *at;
struct nf_conntrack_tuple_hash *entry;
for (unsigned bucket = 0; bucket < nf_conntrack_htable_size; bucket++)
  hlist_nulls_for_each_entry (entry, at, &nf_conntrack_hash[bucket], hnnode)
    if (entry->tuple.dst.dir == 0 && container_of(entry, struct nf_conn, tuplehash[0])->ct_net.net == &init_net)
      there++;
int wrong = atomic_read(counter) - there;
require(wrong >= LEAST_WRONG);
atomic_sub(wrong, counter);
wrong
#else
require(0);
#endif
