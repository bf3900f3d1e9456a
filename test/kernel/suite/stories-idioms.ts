import { expect } from 'vitest';
import { type Case, cat, refused, sh, value } from './case.ts';

/** Stories that are about how a kernel person writes, or about one word of memory. */
export const IDIOM_STORIES: readonly Case[] = [
  {
    area: 'library',
    title: 'a story: rules of the audit were made immutable, and are so no more',
    steps: {
      lock: { program: 'extern u32 audit_enabled; u32 was = audit_enabled; audit_enabled = 2; was' },
      it: {
        program: `extern u32 audit_enabled;
require(cmpxchg(&audit_enabled, 2, 1) == 2);
audit_enabled`,
      },
      again: { program: 'extern u32 audit_enabled; require(cmpxchg(&audit_enabled, 2, 1) == 2);' },
      back: { program: 'extern u32 audit_enabled; cmpxchg(&audit_enabled, 1, 0)' },
    },
    check(got) {
      expect(got.integer('lock')).toBe(0n);
      expect(got.integer('it')).toBe(1n);
      expect(got.result('again').outcome).toBe('skipped');
      expect(got.integer('back')).toBe(1n);
    },
  },
  {
    area: 'library',
    title: 'a story: who holds the lock of a memory, and how many, is seen while it is held and afterwards',
    steps: {
      it: {
        program: `struct task_struct *t = find_task($CHILD);
struct rw_semaphore *lock = &t->mm->mmap_lock;
while (rwsem_readers(lock) || rwsem_has_writer(lock)) msleep(10); // the process has just begun
report(rwsem_readers(lock), rwsem_has_writer(lock));
scoped_guard(rwsem_read, lock) report(rwsem_readers(lock), rwsem_has_writer(lock));
scoped_guard(rwsem_write, lock) report(rwsem_readers(lock), rwsem_has_writer(lock));
report(rwsem_readers(lock), rwsem_has_writer(lock));`,
      },
    },
    check: got =>
      expect(got.rows('it').map(row => row.map(Number))).toEqual([
        [0, 0],
        [1, 0],
        [0, 1],
        [0, 0],
      ]),
  },
  {
    area: 'library',
    title: 'a story: timers are told that the clock was set, and the clock goes on',
    steps: {
      before: sh('date +%s'),
      it: {
        program: `#if __has_parameters(clock_was_set, 0)
clock_was_set();
#else
clock_was_set(0xf);
#endif
1`,
      },
      after: sh('date +%s'),
    },
    check(got) {
      expect(got.text('it')).toBe('(int)1');
      expect(Number(got.output('after'))).toBeGreaterThanOrEqual(Number(got.output('before')));
    },
  },
  {
    area: 'library',
    title: 'a story: READ_ONCE reads the number of a namespace that /proc shows, too',
    steps: { it: { program: 'READ_ONCE(init_net.ns.inum)' }, file: sh('readlink /proc/self/ns/net') },
    check: got => expect(`net:[${got.integer('it')}]`).toBe(got.output('file').trim()),
  },
  {
    area: 'library',
    title: 'a story: atomic_read reads how many threads of the first process live, as /proc says',
    steps: {
      it: { program: 'atomic_read(&find_task(1)->signal->live)', by: 'agent' },
      file: sh("sed -n 's/^Threads:\\t//p' /proc/1/status"),
    },
    check: got => expect(String(got.integer('it'))).toBe(got.output('file').trim()),
  },
  {
    area: 'library',
    title: 'a story: modules are walked by list_for_each_entry_safe, and are those of /proc/modules',
    steps: {
      it: {
        program: `extern struct list_head modules; struct module *m, *n;
list_for_each_entry_safe(m, n, &modules, list) report(m->name);`,
        by: 'agent',
      },
      file: cat('/proc/modules'),
    },
    check(got) {
      const names = got
        .table('file')
        .map(([name]) => name!)
        .filter(Boolean);
      expect(got.rows('it').map(([name]) => name!)).toEqual(names);
    },
  },
  value(
    'library',
    'extern char modprobe_path[256]; sizeof(modprobe_path)/sizeof(modprobe_path[0]) + ARRAY_SIZE(modprobe_path)',
    '(unsigned long)512',
  ),
  {
    area: 'library',
    title: 'a story: a red-black tree of the kernel is walked in order, as a read',
    steps: {
      it: {
        program: `int n = 0, wrong = 0; unsigned long last = 0; struct vmap_area *each;
#if __has_symbol(vmap_nodes)
extern struct vmap_node *vmap_nodes; extern unsigned int nr_vmap_nodes;
for (unsigned i = 0; i < nr_vmap_nodes; i++) {
  last = 0;
  rbtree_inorder_for_each_entry (each, &vmap_nodes[i].busy.root, rb_node) { n++; wrong += each->va_start <= last; last = each->va_start; }
}
#else
extern struct rb_root vmap_area_root;
rbtree_inorder_for_each_entry (each, &vmap_area_root, rb_node) { n++; wrong += each->va_start <= last; last = each->va_start; }
#endif
report(n, wrong);`,
        by: 'agent',
      },
      file: sh("grep -vc 'vm_map_ram\\|unpurged' /proc/vmallocinfo"),
    },
    check(got) {
      const [[n, wrong]] = got.rows('it').map(row => row.map(Number)) as [[number, number]];
      expect(wrong).toBe(0);
      expect(n).toBeGreaterThan(10);
      expect(Math.abs(n - Number(got.output('file')))).toBeLessThanOrEqual(16);
    },
  },
  refused(
    'rtnl_lock(); require(find_task(4242)->__state & 2); rtnl_unlock();',
    'PROGRAM_TYPE',
    /rtnl_lock|guard/,
  ),
  refused(
    'static struct kprobe kp = { .symbol_name = "nfs_file_open" }; register_kprobe(&kp)',
    'PROGRAM_TYPE',
    /register_kprobe/,
  ),
  refused(
    '// a comment names @sunrpc\nstruct sunrpc_net *sn = NULL; sn == NULL',
    'PROGRAM_TYPE',
    /sunrpc_net/,
  ),
];
