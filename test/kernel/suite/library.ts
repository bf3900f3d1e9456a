import { expect } from 'vitest';
import { type Case, type CaseResults, cat, sh, value } from './case.ts';

/** On a guest's only CPU nothing expires meanwhile: a timer that moves on leads a walk astray. */
const AT_REST = `
#if __has_symbol(_raw_spin_lock_irqsave)
guard(irqsave)();
#endif
`;

/** Programs of the library: what they say must be what the kernel says elsewhere. */
export const LIBRARY: readonly Case[] = [
  ...[
    ['min(3, max(1, 2)) + clamp(9, 0, 4) + abs(-5)', '(int)11'],
    [
      'IS_ERR(ERR_PTR(-2)) && !IS_ERR(find_task(1)) && PTR_ERR(ERR_PTR(-22)) == -22 && IS_ERR_OR_NULL(NULL)',
      '(int)1',
    ],
    ['ARRAY_SIZE(find_task(1)->comm)', '(unsigned long)16'],
    ['hweight64(0xf0f0) * 100 + ffs(8) * 10 + fls(4)', /^\(\w[\w ]*\)843$/],
    ['ilog2(4096) + (int)roundup_pow_of_two(5) + (is_power_of_2(64) ? 1 : 0)', '(int)21'],
    [
      'unsigned long m[2] = { 0x10, 1 }; find_first_bit(m, 128) * 1000 + find_next_bit(m, 128, 5) + bitmap_weight(m, 128)',
      /^\(unsigned long\)4066$/,
    ],
    [
      'strcmp(find_task(2)->comm, "kthreadd") == 0 && strncmp("abc", "abd", 2) == 0 && strcmp("a", "b") < 0',
      '(int)1',
    ],
    [
      'strstr("farcall", "call") && !strstr("farcall", "calls") && strlen("four") == 4 && memcmp("ab", "ac", 2) < 0',
      '(int)1',
    ],
    ['READ_ONCE(find_task(1)->pid)', /^\(const volatile pid_t\)1$|^\(\w+\)1$/],
    [
      "task_state_to_char(find_task(2)) == 'S' && task_is_kthread(find_task(2)) && !task_is_kthread(find_task(1))",
      '(int)1',
    ],
    ['refcount_read(&find_task(1)->usage) > 0 && thread_group_leader(find_task(1))', '(int)1'],
    ['find_path("/proc").dentry->d_sb->s_type->name', /"proc"/],
    [
      'extern struct pid_namespace init_pid_ns; int all = 0, found = 0; for_each_task (t) { all++; if (idr_find(&init_pid_ns.idr, t->pid) == task_pid(t)) found++; } all > 5 && all == found',
      '(int)1',
    ],
    [
      'extern struct pid_namespace init_pid_ns; int n = 0; struct pid *p; int id; idr_for_each_entry(&init_pid_ns.idr, p, id) { if (p->numbers[0].nr != id) return -1; n++; } n > 5',
      '(int)1',
    ],
    [
      'int n = 0; struct cgroup_subsys_state *s; css_for_each_descendant_pre(s, &cgrp_dfl_root.cgrp.self) n++; n == 1 + cgrp_dfl_root.cgrp.nr_descendants + cgrp_dfl_root.cgrp.nr_dying_descendants',
      '(int)1',
    ],
    ['find_slab_cache("dentry")->object_size == sizeof(struct dentry)', '(int)1'],
    [
      '!mutex_is_locked(&find_task(1)->signal->cred_guard_mutex) && mutex_owner(&find_task(1)->signal->cred_guard_mutex) == NULL',
      '(int)1',
    ],
    ['net_count(&init_net) > 0 && find_netdev(&init_net, "lo")->ifindex == 1', '(int)1'],
  ].map(([program, text]) => value('library', program as string, text as string | RegExp)),
  ...[
    [
      'text_of("%d %5s|%-6d|%04x|%#lx|%c%%", 42, "ab", -7, 0xbeef, 0x1234UL, 122)',
      /"42 {4}ab\|-7 {4}\|beef\|0x1234\|z%"/,
    ],
    [
      'text_of("%8.3s|%.5d|%+d|%08d|%llu|%hhd|%lld", "abcdef", 12, 3, -5, ~0ULL, 300, -1LL)',
      /" {5}abc\|00012\|\+3\|-0000005\|18446744073709551615\|44\|-1"/,
    ],
    [
      'u8 a[16] = { 127, 0, 0, 1 }; text_of("%pI4 %pI6c %pM %4ph", a, a, a, a)',
      /"127\.0\.0\.1 7f00:1:: 7f:00:00:01:00:00 7f 00 00 01"/,
    ],
    ['text_of("%pe %pe %pd", -2L, -512L, find_task(1)->fs->root.dentry)', /"-ENOENT -512 \/"/],
    [
      'char b[8]; int n = snprintf(b, sizeof(b), "%s", "0123456789"); report(b, n); strcmp(b, "0123456") == 0 && n == 10',
      '(int)1',
    ],
    ['unsigned long a = 0x8d; text_of("%*pbl", 64, &a)', /"0,2-3,7"/],
  ].map(([program, text]) => value('library', program as string, text as string | RegExp)),
  value('library', `struct timer_list *t; int n = 0;${AT_REST} for_each_timer(t, 0) n++; n > 0`, '(int)1', {
    declare: { timer_bases: 'extern struct timer_base timer_bases[2];' },
  }),
  value('library', `struct hrtimer *t; int n = 0;${AT_REST} for_each_hrtimer(t, 0) n++; n > 0`, '(int)1', {
    declare: { hrtimer_bases: 'extern struct hrtimer_cpu_base hrtimer_bases;' },
  }),
  value('library', 'num_online_cpus()', /^\(unsigned int\)[1-9]\d*$/),
  same(
    'the modules that the library walks are /proc/modules',
    'struct module *m; for_each_module(m) if (m->state == MODULE_STATE_LIVE) report(m->name);',
    'cut -d" " -f1 /proc/modules',
  ),
  same(
    'the network devices that the library walks are in /sys/class/net',
    'struct net_device *d; for_each_netdev(&init_net, d) report(d->name);',
    'ls -1 /sys/class/net',
  ),
  same(
    'the files of a process that the library walks are in /proc',
    'int fd; struct file *f; struct task_struct *t = find_task(1); for_each_fd (fd, f, t) if (fd < 3) report(fd);',
    'ls -1 /proc/1/fd | grep -x "[012]"',
  ),
  same(
    'a red-black tree that the library walks has the entries of /proc',
    'extern struct proc_dir_entry proc_root; struct proc_dir_entry *e; rbtree_inorder_for_each_entry(e, &proc_root.subdir, subdir_node) report(e->name);',
    'ls -1 /proc | grep -v "^[0-9]" | grep -v self',
  ),
  counted(
    'the memory of a process that the library walks is in /proc/PID/maps',
    'int n = 0; unsigned long i = 0; struct vm_area_struct *v; for_each_vma_of(find_task(1)->mm, v, i) n++; n',
    'grep -vc vsyscall /proc/1/maps',
  ),
  {
    area: 'library',
    title: 'the stack of a task that the library unwinds is in /proc/PID/stack',
    steps: {
      it: {
        program:
          'struct task_frame f; for_each_stack_frame(f, find_task(2)) if (!f.guess) report(text_of("%pS", f.ip));',
      },
      file: sh("sed 's/^[^ ]* //; s#/.*##' /proc/2/stack"),
    },
    check(got) {
      const lines = got
        .output('file')
        .split('\n')
        .filter(line => /\+0x/.test(line));
      expect(lines.length).toBeGreaterThan(0);
      expect(got.rows('it').map(([cell]) => cell)).toEqual(expect.arrayContaining(lines));
    },
  },
  same(
    'the paths of files that the library puts together are in /proc',
    'int fd; struct file *f; for_each_fd (fd, f, find_task(1)) if (fd < 3) report(text_of("%d %s", fd, path_text(f->f_path)));',
    'for fd in 0 1 2; do echo "$fd $(readlink /proc/1/fd/$fd)"; done',
  ),
  same(
    'the memory of a process has the ranges of /proc/PID/maps',
    'unsigned long i = 0; struct vm_area_struct *v; for_each_vma_of(find_task(1)->mm, v, i) report(text_of("%08lx-%08lx %s", v->vm_start, v->vm_end, vma_rights(v)));',
    "grep -v vsyscall /proc/1/maps | cut -d' ' -f1,2",
  ),
  value('library', 'text_of("%ps", find_task(2)->sched_class)', /"fair_sched_class"/, {
    needs: [{ symbol: 'fair_sched_class' }],
  }),
  {
    area: 'library',
    title: 'the library walks every interrupt that is in /proc/irq; on arm64 there are others',
    steps: {
      it: {
        program:
          'unsigned long n; struct irq_desc *d; for_each_irq_desc(n, d) if (d->irq_data.irq) report(n);',
      },
      file: sh('ls /proc/irq | grep -v smp | grep -vx 0'),
    },
    check(got) {
      const numbers = got.output('file').split('\n').filter(Boolean);
      expect(numbers.length).toBeGreaterThan(0);
      expect(got.rows('it').map(([number]) => number)).toEqual(expect.arrayContaining(numbers));
    },
  },
  counted(
    'the sockets of UDP that the library walks are in /proc/net',
    'int n = 0; struct sock *s; for_each_udp_sock(s) if (sock_net(s) == &init_net) n++; n',
    'cat /proc/net/udp /proc/net/udp6 2>/dev/null | grep -c "^ *[0-9]"; true',
  ),
  counted(
    'the sockets of TCP that the library walks are in /proc/net',
    'int n = 0; struct sock *s; for_each_tcp_sock(s) if (sock_net(s) == &init_net) n++; n',
    'cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -c "^ *[0-9]"; true',
  ),
  counted(
    'find_sysctl is in /proc/sys',
    'sysctl_int("kernel/panic_on_oops")',
    'cat /proc/sys/kernel/panic_on_oops',
  ),
  {
    area: 'library',
    title: 'the command line of a process that the library reads is in /proc',
    steps: {
      it: { program: 'task_cmdline(find_task(1))', needs: [{ symbol: 'page_offset_base' }] },
      file: sh("tr '\\0' ' ' < /proc/1/cmdline"),
    },
    check: got => expect(got.plain('it')).toBe(got.output('file').trim()),
  },
  ...[
    [
      'unsigned long id; for_each_log_record(id) if (strstr(log_record_text(id), "Linux version")) return 1; 0',
      '(int)1',
    ],
    ['cgroup_text(task_cgroup(find_task(2)))', /"\/"/],
    ['find_cgroup("/") == &cgrp_dfl_root.cgrp', '(int)1'],
    ['find_workqueue("events")->name', /"events"/],
    ['slab_total_objects(find_slab_cache("dentry")) > 100', '(int)1'],
    ['global_zone_page_state(NR_FREE_PAGES) > 1000', '(int)1'],
    [
      'unsigned long *p; struct task_struct *t = find_task(2); for_each_pointer_to(p, t->parent, t, sizeof(*t)) if ((char *)p - (char *)t == (long)offsetof(struct task_struct, parent)) return 1; 0',
      '(int)1',
    ],
    ['task_pins_super(find_task(1), find_task(1)->fs->root.mnt->mnt_sb) != NULL', '(int)1'],
  ].map(([program, text]) => value('library', program as string, text as string | RegExp)),
  counted(
    'task_rlimit is in /proc/PID/limits',
    'task_rlimit(find_task(1), 7)',
    "awk '/open files/ { print $4 }' /proc/1/limits",
  ),
  {
    area: 'library',
    title: 'a program that uses the library only to look is a read',
    steps: { it: 'strcmp(find_task(2)->comm, "kthreadd")', stat: cat('/proc/2/comm') },
    check(got) {
      expect(got.text('it')).toBe('(int)0');
      expect(got.output('stat').trim()).toBe('kthreadd');
    },
  },
];

/** Rows with one cell against lines. */
function same(title: string, program: string, script: string): Case {
  return {
    area: 'library',
    title,
    steps: { it: { program }, file: sh(script) },
    check(got: CaseResults) {
      const lines = got.output('file').split('\n').filter(Boolean);
      expect(lines.length).toBeGreaterThan(0);
      expect(
        got
          .rows('it')
          .map(([cell]) => cell)
          .sort(),
      ).toEqual(lines.sort());
    },
  };
}

/** A number against what a command prints. */
function counted(title: string, program: string, script: string): Case {
  return {
    area: 'library',
    title,
    steps: { it: { program }, file: sh(script) },
    check: got => expect(got.integer('it')).toBe(BigInt(got.output('file').trim())),
  };
}
