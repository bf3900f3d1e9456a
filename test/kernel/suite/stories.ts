import { expect } from 'vitest';
import { type Case, type CaseResults, sh } from './case.ts';
import { END, inBackground, PID_FILE } from './staging.ts';

/**
 * What people wanted to know of kernels that were running, each as one text for all kernels: the situation is
 * staged, and what the program says is held against what the kernel says elsewhere, or what was staged.
 */
export const STORIES: readonly Case[] = [
  {
    area: 'library',
    title: 'a story: network namespaces that something keeps are those that processes are in',
    steps: {
      stage: inBackground(
        'busybox unshare -n sleep 300',
        `[ $(readlink /proc/$(cat ${PID_FILE})/ns/net) != $(readlink /proc/self/ns/net) ]`,
      ),
      it: { program: 'struct net *n; for_each_net (n) report(net_inum(n), net_count(n));' },
      file: sh('for p in /proc/[0-9]*; do readlink $p/ns/net; done | sort -u'),
      end: END,
    },
    check(got) {
      const numbers = got.output('file').match(/\d+(?=])/g)!;
      expect(numbers.length).toBeGreaterThan(1);
      const found = got.rows('it').map(([inum]) => String(inum));
      expect(found).toEqual(expect.arrayContaining(numbers));
      expect(got.rows('it').every(([, count]) => Number(count) > 0)).toBe(true);
    },
  },
  {
    area: 'library',
    title: 'a story: the process that listens is the one that holds a socket with that number',
    steps: {
      stage: inBackground('busybox nc -l -p 47808', 'grep -qh :BAC0 /proc/net/tcp /proc/net/tcp6'),
      it: {
        program: `extern struct file_operations socket_file_ops;
int fd; struct file *f;
for_each_task (t) {
  if (!thread_group_leader(t) || !t->files) continue;
  for_each_fd (fd, f, t) {
    if (f->f_op != &socket_file_ops) continue;
    struct socket *s = f->private_data;
    if (s->sk && (s->sk->__sk_common.skc_family == 2 || s->sk->__sk_common.skc_family == 10) && s->sk->__sk_common.skc_num == 47808)
      report(t->pid, fd);
  }
}`,
      },
      file: sh(`cat ${PID_FILE}`),
      end: END,
    },
    check(got) {
      const [[pid, fd]] = got.rows('it') as [string[]];
      expect(got.output('file').split('\n')).toContain(String(pid));
      expect(Number(fd)).toBeGreaterThan(2);
    },
  },
  {
    area: 'library',
    title: 'a story: a Unix socket is found by the path that it is bound to',
    steps: {
      stage: inBackground(
        `perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un("/tmp/farcall-story.sock")); sleep 300'`,
        '[ -S /tmp/farcall-story.sock ]',
      ),
      it: {
        program:
          'int n = 0; struct sock *s; for_each_unix_sock(s, &init_net) if (!strcmp(unix_sock_name(s), "/tmp/farcall-story.sock")) n++; n',
      },
      end: END,
    },
    check: got => expect(got.text('it')).toBe('(int)1'),
  },
  {
    area: 'library',
    title: 'a story: tasks of one name are found by comparing strings, without a call',
    steps: {
      stage: inBackground(
        "busybox sh -c 'printf farcall-story >/proc/self/comm; sleep 300; :'",
        `grep -q farcall-story /proc/$(cat ${PID_FILE})/comm`,
      ),
      it: {
        program: 'for_each_task (t) if (!strcmp(t->comm, "farcall-story")) report(t->pid);',
        by: 'agent',
      },
      file: sh(`cat ${PID_FILE}`),
      end: END,
    },
    check(got) {
      const pids = got.output('file').split('\n').filter(Boolean);
      expect(pids.length).toBeGreaterThan(0);
      expect(got.rows('it').map(([pid]) => String(pid))).toEqual(pids);
    },
  },
  {
    area: 'library',
    title: 'a story: live and dying cgroups are as many as cgroup.stat says',
    steps: {
      stage: sh(
        'mkdir -p /tmp/cg && mount -t cgroup2 none /tmp/cg && mkdir /tmp/cg/farcall-a /tmp/cg/farcall-b && rmdir /tmp/cg/farcall-b',
      ),
      it: {
        program: `extern struct cgroup_root cgrp_dfl_root;
report(cgrp_dfl_root.cgrp.nr_descendants, cgrp_dfl_root.cgrp.nr_dying_descendants);
struct cgroup_subsys_state *p; int live = 0;
css_for_each_descendant_pre (p, &cgrp_dfl_root.cgrp.self) if (!(p->flags & CSS_DYING)) live++;
live`,
      },
      file: sh('cat /tmp/cg/cgroup.stat'),
      end: sh('rmdir /tmp/cg/farcall-a; umount /tmp/cg'),
    },
    check(got) {
      const [, live] = /^nr_descendants (\d+)$/m.exec(got.output('file'))!;
      const [[reported]] = got.rows('it') as [string[]];
      expect(Number(live)).toBeGreaterThan(0);
      expect(String(reported)).toBe(live);
      expect(got.integer('it')).toBe(BigInt(live!) + 1n);
    },
  },
  {
    area: 'library',
    title: 'a story: no file system is frozen where nobody froze one, and thawing would find none',
    steps: {
      it: {
        program: `int frozen = 0; struct super_block *s;
for_each_super_block (s)
  if (sb_frozen(s) == 4) {
#if __has_parameters(thaw_super, 1)
    thaw_super(s);
#elif __has_parameters(thaw_super, 2)
    thaw_super(s, FREEZE_HOLDER_USERSPACE);
#else
    thaw_super(s, FREEZE_HOLDER_USERSPACE, NULL);
#endif
    frozen++;
    break;
  }
frozen`,
      },
    },
    check: got => expect(got.text('it')).toBe('(int)0'),
  },
  {
    area: 'library',
    title:
      'a story: a file that is not there is an error pointer, and one that is there is opened and closed',
    steps: {
      it: {
        program: `struct file *none = filp_open("/no such file", 0, 0);
struct file *f = filp_open("/proc/version", 0, 0);
if (IS_ERR(f)) return PTR_ERR(f);
filp_close(f, NULL);
PTR_ERR(none)`,
      },
    },
    check: got => expect(got.text('it')).toMatch(/^\(long\)-2\b/),
  },
  {
    area: 'library',
    title: 'a story: page pools are listed where the kernel has a table of them',
    steps: {
      it: {
        program: `#if __has_symbol(page_pools)
extern struct xarray page_pools; struct page_pool *p; unsigned long i; int n = 0;
xa_for_each (&page_pools, i, p) { report(i, p->pages_state_hold_cnt - p->pages_state_release_cnt.counter); n++; }
n
#else
-1
#endif`,
        by: 'agent',
      },
    },
    check: got => expect(Number(got.integer('it'))).toBe(pools(got)),
  },
];

/** As many as there are rows; -1 where the kernel has no table. */
function pools(got: CaseResults): number {
  return got.integer('it') === -1n ? -1 : got.rows('it').length;
}
