import { expect } from 'vitest';
import { type Case, ownSh, sh } from './case.ts';
import { END, inBackground, PID_FILE } from './staging.ts';

const CONNTRACK = { needs: [{ module: 'nf_conntrack' }] } as const;

/** The counter of connections against those that are in the table; -1 where no types tell of the table. */
const COUNT = `#if __has_type(struct nf_conntrack_tuple_hash)
extern struct hlist_nulls_head *nf_conntrack_hash@nf_conntrack;
extern unsigned int nf_conntrack_htable_size@nf_conntrack;
#if __has_member(struct netns_ct, count)
atomic_t *counter = &init_net.ct.count;
#else
extern unsigned int nf_conntrack_net_id@nf_conntrack;
atomic_t *counter = &((struct nf_conntrack_net *)init_net.gen->ptr[nf_conntrack_net_id])->count;
#endif
int there = 0; struct hlist_nulls_node *at; struct nf_conntrack_tuple_hash *h;
for (unsigned i = 0; i < nf_conntrack_htable_size; i++)
  hlist_nulls_for_each_entry (h, at, &nf_conntrack_hash[i], hnnode)
    if (h->tuple.dst.dir == 0) there++;
`;

/** Stories of sockets, protocols and network namespaces. */
export const NETWORK_STORIES: readonly Case[] = [
  {
    area: 'library',
    title: 'a story: a socket family is found in use, taken away and given back',
    steps: {
      load: ownSh('modprobe af_alg'),
      user: inBackground(
        `perl -e 'socket(S, 38, 5, 0); sleep 300'`,
        `ls -l /proc/$(cat ${PID_FILE})/fd | grep -q socket:`,
      ),
      pid: sh(`cat ${PID_FILE}`),
      users: {
        program: `int fd; struct file *f;
for_each_process (t)
  for_each_fd (fd, f, t) {
    struct sock *s = file_sock(f);
    if (s && s->__sk_common.skc_family == 38) report(t->pid, t->comm, fd);
  }`,
        by: 'agent',
        needs: [{ module: 'af_alg' }],
      },
      end: END,
      off: {
        program: `extern const struct net_proto_family *net_families[39];
require(net_families[38]);
sock_unregister(38);
net_families[38] == NULL`,
        needs: [{ module: 'af_alg' }],
      },
      refused: sh(`perl -e 'print socket(S, 38, 5, 0) ? "there" : $!'`),
      on: {
        program: 'extern struct net_proto_family alg_family@af_alg; sock_register(&alg_family)',
        by: 'guest',
        needs: [{ module: 'af_alg' }],
      },
      there: sh(`perl -e 'print socket(S, 38, 5, 0) ? "there" : $!'`),
    },
    check(got) {
      const [[pid, comm, fd]] = got.rows('users') as [string[]];
      expect([String(pid), comm]).toEqual([got.output('pid').trim(), 'perl']);
      expect(Number(fd)).toBeGreaterThan(2);
      expect(got.text('off')).toBe('(int)1');
      expect(got.output('refused')).toBe('Address family not supported by protocol');
      expect(got.text('on')).toBe('(int)0');
      expect(got.output('there')).toBe('there');
    },
  },
  {
    area: 'library',
    title: 'a story: ESP is taken away where no namespace has a state of IPsec, and given back',
    steps: {
      load: ownSh('modprobe esp4'),
      off: {
        program: `struct net *n;
for_each_net (n) require(n->xfrm.state_num == 0);
xfrm_unregister_type((const struct xfrm_type *)&esp_type@esp4, 2);
extern struct xfrm_state_afinfo *xfrm_state_afinfo[3];
xfrm_state_afinfo[2]->type_esp == NULL`,
        by: 'guest',
        needs: [{ module: 'esp4' }],
      },
      on: {
        program: `xfrm_register_type((const struct xfrm_type *)&esp_type@esp4, 2);
extern struct xfrm_state_afinfo *xfrm_state_afinfo[3];
xfrm_state_afinfo[2]->type_esp == &esp_type@esp4`,
        by: 'guest',
        needs: [{ module: 'esp4' }],
      },
      unload: ownSh('modprobe -r esp4'),
    },
    check(got) {
      expect(got.text('off')).toBe('(int)1');
      expect(got.text('on')).toBe('(int)1');
      got.output('unload');
    },
  },
  {
    area: 'library',
    title: 'a story: sockets of TCP and UDP are found in a namespace that has tables of its own',
    steps: {
      own: sh(
        'for i in tcp_child_ehash_entries udp_child_hash_entries; do f=/proc/sys/net/ipv4/$i; [ ! -e $f ] || echo 128 >$f; done',
      ),
      stage: inBackground(
        `busybox unshare -n perl -MSocket -e 'socket(T, PF_INET, SOCK_STREAM, 0); bind(T, pack_sockaddr_in(47810, INADDR_ANY)); listen(T, 5); socket(U, PF_INET, SOCK_DGRAM, 0); bind(U, pack_sockaddr_in(47811, INADDR_ANY)); sleep 300'`,
        `grep -q :BAC3 /proc/$(cat ${PID_FILE})/net/udp`,
      ),
      it: {
        program: `struct sock *s;
for_each_tcp_sock (s) if (s->__sk_common.skc_num == 47810) report("tcp", net_inum(sock_net(s)));
for_each_udp_sock (s) if (s->__sk_common.skc_num == 47811) report("udp", net_inum(sock_net(s)));`,
        by: 'agent',
      },
      file: sh(`readlink /proc/$(cat ${PID_FILE})/ns/net`),
      end: END,
      back: sh(
        'for i in tcp_child_ehash_entries udp_child_hash_entries; do f=/proc/sys/net/ipv4/$i; [ ! -e $f ] || echo 0 >$f; done',
      ),
    },
    check(got) {
      const inum = /\d+/.exec(got.output('file'))![0];
      expect(got.rows('it').map(row => row.map(String))).toEqual([
        ['tcp', inum],
        ['udp', inum],
      ]);
    },
  },
  {
    area: 'library',
    title: 'a story: a network namespace that is leaked is found, because no task is in it, and given back',
    steps: {
      before: {
        program: 'int n = 0; struct net *each; for_each_net (each) if (net_count(each)) n++; n',
        by: 'agent',
      },
      stage: inBackground(
        'busybox unshare -n sleep 300',
        `[ $(readlink /proc/$(cat ${PID_FILE})/ns/net) != $(readlink /proc/self/ns/net) ]`,
      ),
      leak: {
        program: `int n = 0;
for_each_process (t) if (t->mm && task_net(t) != &init_net && !n++) get_net(task_net(t));
n`,
      },
      end: END,
      put: {
        program: `struct net *net; int n = 0;
for_each_net (net) {
  bool used = net == &init_net || !net_count(net);
  for_each_process (t) if (task_net(t) == net) used = true;
  if (used) continue;
  put_net(net);
  n++;
  break;
}
n`,
      },
      after: {
        program: 'int n = 0; struct net *each; for_each_net (each) if (net_count(each)) n++; n',
        by: 'agent',
      },
    },
    check(got) {
      expect(got.integer('leak')).toBe(1n);
      expect(got.integer('put')).toBe(1n);
      expect(got.integer('after')).toBe(got.integer('before'));
    },
  },
  {
    area: 'library',
    title: 'a story: a counter of connections that is wrong is held against the table, and set right',
    steps: {
      load: ownSh('modprobe nf_conntrack; busybox ip link set lo up'),
      track: {
        program: 'extern int nf_ct_netns_get(struct net *net, u8 family); nf_ct_netns_get(&init_net, 1)',
        by: 'guest',
        ...CONNTRACK,
      },
      connect: sh(
        `(busybox nc -l -p 47809 >/dev/null </dev/null &); until grep -q :BAC1 /proc/net/tcp /proc/net/tcp6; do sleep 0.2; done; echo x | busybox nc 127.0.0.1 47809; cat /proc/sys/net/netfilter/nf_conntrack_count`,
      ),
      good: { program: `${COUNT}report(atomic_read(counter), there);\n#endif\n0`, by: 'agent', ...CONNTRACK },
      spoil: { program: `${COUNT}atomic_inc(counter);\n#endif\n0`, by: 'guest', ...CONNTRACK },
      mend: {
        program: `${COUNT}int wrong = atomic_read(counter) - there;
report(atomic_read(counter), there);
atomic_sub(wrong, counter);
wrong
#else
-1
#endif`,
        by: 'guest',
        ...CONNTRACK,
      },
      after: {
        program: `${COUNT}report(atomic_read(counter), there);\n#endif\n0`,
        by: 'agent',
        ...CONNTRACK,
      },
      file: sh('cat /proc/sys/net/netfilter/nf_conntrack_count'),
      untrack: {
        program: 'extern void nf_ct_netns_put(struct net *net, u8 family); nf_ct_netns_put(&init_net, 1);',
        by: 'guest',
        ...CONNTRACK,
      },
    },
    check(got) {
      expect(got.text('track')).toBe('(int)0');
      const wrong = got.integer('mend');
      if (wrong === -1n) return expect(got.rows('good')).toEqual([]);
      expect(wrong).toBe(1n);
      const [[counted, there]] = got.rows('good').map(row => row.map(Number)) as [[number, number]];
      expect(there).toBeGreaterThan(0);
      expect(counted).toBe(there);
      const [[after]] = got.rows('after').map(row => row.map(Number)) as [[number]];
      expect(String(after)).toBe(got.output('file').trim());
    },
  },
  {
    area: 'library',
    title: 'a story: what waits on a server of NFS that does not answer is listed with its server',
    steps: {
      load: ownSh('modprobe nfsv4; busybox ip link set lo up; mkdir -p /tmp/farcall-story.nfs'),
      server: sh(
        `perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0); bind(S, pack_sockaddr_in(2049, INADDR_LOOPBACK)); listen(S, 5); sleep 300' </dev/null >/dev/null 2>&1 & echo $! >${PID_FILE}.server; until grep -q :0801 /proc/net/tcp; do sleep 0.2; done`,
      ),
      client: inBackground(
        'busybox mount -t nfs4 -o vers=4.0,addr=127.0.0.1,clientaddr=127.0.0.1 127.0.0.1:/ /tmp/farcall-story.nfs',
        'grep -q " 0100007F:0801 01" /proc/net/tcp',
      ),
      it: {
        program: `#if __has_type(struct sunrpc_net)
extern unsigned int sunrpc_net_id@sunrpc;
struct sunrpc_net *sn = init_net.gen->ptr[sunrpc_net_id];
struct rpc_clnt *c; struct rpc_task *k;
list_for_each_entry(c, &sn->all_clients, cl_clients)
  list_for_each_entry(k, &c->cl_tasks, tk_task)
    report(c->cl_clid, c->cl_xprt->servername, k->tk_status, k->tk_runstate);
0
#else
-1
#endif`,
        by: 'agent',
        needs: [{ module: 'nfsv4' }],
      },
      end: sh(`kill -9 $(cat ${PID_FILE} ${PID_FILE}.server); rm ${PID_FILE} ${PID_FILE}.server`),
    },
    check(got) {
      got.output('client');
      // Before Linux 5.11 no module tells of its types.
      if (got.integer('it') === 0n) expect(got.rows('it').map(([, server]) => server)).toContain('127.0.0.1');
    },
  },
];
