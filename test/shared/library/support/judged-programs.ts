/** Types of the kernel that the headers below use, as any C compiler reads them. */
export const JUDGED_TYPES = `
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long u64; typedef long s64; typedef unsigned long size_t;
struct list_head { struct list_head *next, *prev; };
struct hlist_node { struct hlist_node *next, **pprev; };
struct hlist_head { struct hlist_node *first; };
struct llist_node { struct llist_node *next; };
struct llist_head { struct llist_node *first; };
struct rb_node { unsigned long __rb_parent_color; struct rb_node *rb_right, *rb_left; };
struct rb_root { struct rb_node *rb_node; };
struct xa_node { unsigned char shift, offset, count, nr_values; void *parent; void *array; void *slots[64]; };
struct xarray { unsigned int xa_flags; void *xa_head; };
struct qstr { u32 hash, len; const unsigned char *name; };
struct inode { unsigned short i_mode; };
struct lockref { int count; };
struct dentry { struct dentry *d_parent; struct qstr d_name; struct inode *d_inode; struct hlist_node d_hash; struct lockref d_lockref; struct list_head d_subdirs, d_child; };
struct path { void *mnt; struct dentry *dentry; };
struct file { struct path f_path; struct inode *f_inode; };
typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic_long_t;
typedef struct { atomic_t refs; } refcount_t;
typedef int pid_t;
struct kref { refcount_t refcount; };
struct hlist_nulls_node { struct hlist_nulls_node *next, **pprev; };
struct hlist_nulls_head { struct hlist_nulls_node *first; };
struct hlist_bl_node { struct hlist_bl_node *next, **pprev; };
struct hlist_bl_head { struct hlist_bl_node *first; };
struct plist_head { struct list_head node_list; };
struct plist_node { int prio; struct list_head prio_list, node_list; };
struct klist { struct list_head k_list; };
struct klist_node { void *n_klist; struct list_head n_node; };
struct idr { struct xarray idr_rt; unsigned int idr_base; };
struct task_struct { pid_t pid; };
struct rw_semaphore { atomic_long_t count, owner; };
struct mutex { atomic_long_t owner; };
struct timer_list { struct hlist_node entry; };
struct work_struct { atomic_long_t data; };
struct hrtimer { u8 state; };
struct wait_queue_head { struct list_head head; };
struct completion { unsigned int done; };
struct cgroup_subsys_state { struct cgroup_subsys_state *parent; struct list_head sibling, children; int id; unsigned int flags; };
struct kobject { const char *name; };
struct device { const char *init_name; struct kobject kobj; int numa_node; };
struct module { atomic_t refcnt; };
struct percpu_ref { unsigned long percpu_count_ptr; };
struct upid { int nr; };
struct pid { unsigned int level; struct upid numbers[2]; };
struct item { int key; struct list_head link; struct hlist_node hash; struct llist_node lock_less; struct rb_node node; };
`;

/** A ring of three, a hash list of two and a tree of three: the same data for both judges. */
const STAGED = `
struct item a = { .key = 1 }, b = { .key = 2 }, c = { .key = 4 }, *at, *after; struct list_head ring;
ring.next = &a.link; a.link.next = &b.link; b.link.next = &c.link; c.link.next = &ring;
ring.prev = &c.link; c.link.prev = &b.link; b.link.prev = &a.link; a.link.prev = &ring;
struct hlist_head bucket; bucket.first = &a.hash; a.hash.next = &b.hash; a.hash.pprev = &bucket.first; b.hash.pprev = &a.hash.next;
struct rb_root tree; tree.rb_node = &b.node; b.node.rb_left = &a.node; b.node.rb_right = &c.node;
a.node.__rb_parent_color = (unsigned long)&b.node; c.node.__rb_parent_color = (unsigned long)&b.node | 1; b.node.__rb_parent_color = 1;
long n = 0;
`;

const WALKS: readonly string[] = [
  'list_for_each_entry_reverse(at, &ring, link) n = n * 10 + at->key; return n;',
  'list_for_each_entry_safe(at, after, &ring, link) n = n * 10 + at->key; return n;',
  'at = &a; list_for_each_entry_continue(at, &ring, link) n = n * 10 + at->key; return n;',
  'return list_empty(&ring) + 10 * list_is_singular(&ring) + 100 * (long)list_count_nodes(&ring);',
  'return list_first_entry(&ring, struct item, link)->key * 10 + list_last_entry(&ring, struct item, link)->key;',
  'return list_next_entry(&a, link)->key * 10 + list_prev_entry(&c, link)->key + list_is_last(&c.link, &ring);',
  'hlist_for_each_entry(at, &bucket, hash) n = n * 10 + at->key; return n + hlist_empty(&bucket) + hlist_unhashed(&c.hash);',
  'for (struct rb_node *x = rb_first(&tree); x; x = rb_next(x)) n = n * 10 + rb_entry(x, struct item, node)->key; return n;',
  'for (struct rb_node *x = rb_last(&tree); x; x = rb_prev(x)) n = n * 10 + rb_entry(x, struct item, node)->key; return n;',
  'for (struct rb_node *x = rb_first_postorder(&tree); x; x = rb_next_postorder(x)) n = n * 10 + rb_entry(x, struct item, node)->key; return n;',
  'rbtree_inorder_for_each_entry(at, &tree, node) n = n * 10 + at->key; return n;',
];

const NUMBERS: readonly string[] = [
  'return min(3, 9) * 1000 + max(3L, 9L) * 100 + clamp(12, 0, 7) * 10 + min3(5, 4, 6) + max3(1, 2, 3) * 7;',
  'return min_t(unsigned char, 300, 200) * 1000L + clamp_t(short, 70000, -3, 5) + clamp_val((u8)9, 1, 4);',
  'return abs(-7) * 100 + DIV_ROUND_UP(10, 4) * 10 + DIV_ROUND_CLOSEST(11, 4) + roundup(13, 5) * 1000 + rounddown(13, 5);',
  'return round_up(13, 8) + round_down(13, 8) * 100 + ALIGN(17, 16) * 10000 + IS_ALIGNED(32, 16);',
  'return upper_32_bits(0x123456789abcdef0UL) + lower_32_bits(0x123456789abcdef0UL) + is_power_of_2(64);',
  'return BIT(5) + GENMASK(7, 4) + BIT_WORD(130) + BITS_TO_LONGS(65) + BIT_MASK(66);',
  'return hweight64(0xf0f0f0f0f0f0f0f0UL) * 100 + hweight32(7) + hweight_long(1UL << 63);',
  'return __ffs(0x50) * 1000 + ffz(0x0f) * 100 + __fls(0x50) * 10 + ffs(0) + fls(0x10) + fls64(1UL << 40);',
  'return ilog2(5000) * 100 + roundup_pow_of_two(33);',
  'unsigned long m[2] = { 0x8000000000000001UL, 6 }; return bitmap_weight(m, 128) * 100 + bitmap_weight(m, 66) + bitmap_empty(m, 128) + bitmap_full(m, 1) * 7;',
  'unsigned long m[2] = { 0x10, 6 }; return find_first_bit(m, 128) * 10000 + find_next_bit(m, 128, 5) * 10 + find_first_zero_bit(m, 128) + find_last_bit(m, 128) * 1000000;',
  'unsigned long m[2] = { 0x15, 6 }, n = 0; unsigned int bit; for_each_set_bit(bit, m, 70) n = n * 7 + bit; return n;',
  'unsigned long m[1] = { ~0x15UL }, n = 0; unsigned int bit; for_each_clear_bit(bit, m, 64) n = n * 7 + bit; return n;',
  'unsigned long m[2] = { 5, 1 }, k[2] = { 5, 3 }; return bitmap_equal(m, k, 65) + 10 * bitmap_equal(m, k, 66) + 100 * bitmap_intersects(m, k, 2);',
  'return IS_ERR(ERR_PTR(-2)) + IS_ERR(0) * 10 + PTR_ERR(ERR_PTR(-22)) * 100 + IS_ERR_OR_NULL(0) * 3 + PTR_ERR_OR_ZERO((void *)8);',
  'return IS_ERR_VALUE(-4095L) * 10 + IS_ERR_VALUE(-4096L);',
  'return xa_is_value((void *)7) + xa_to_value((void *)7) * 10 + xa_is_internal((void *)6) * 100 + xa_is_node((void *)6) * 1000;',
  'struct xa_node low = { .shift = 0 }, top = { .shift = 6 }; low.slots[3] = (void *)0x1001; top.slots[2] = (void *)((long)&low + 2); struct xarray x = { 0, (void *)((long)&top + 2) }; unsigned long i; void *e; long n = (long)xa_load(&x, 131) + (xa_load(&x, 130) != 0); xa_for_each(&x, i, e) n = n * 7 + i; return n;',
];

const STRINGS: readonly string[] = [
  'return strlen("four") * 100 + strnlen("eleven", 3) * 10 + strlen("");',
  'return (strcmp("a", "b") < 0) + 10 * (strcmp("b", "a") > 0) + 100 * strcmp("", "") + 1000 * (strcmp("a\\xff", "a") > 0);',
  'return (strncmp("abc", "abd", 2) == 0) + 10 * (strncmp("abc", "abd", 3) < 0) + 100 * (strncmp("", "x", 0) == 0);',
  'return (strcasecmp("HeLLo", "hEllO") == 0) + 10 * sysfs_streq("x\\n", "x") + 100 * sysfs_streq("x", "xy");',
  'return str_has_prefix("farcall", "far") * 10 + strstarts("farcall", "call");',
  "const char *t = \"a.b.c\"; return (strchr(t, '.') - t) * 100 + (strrchr(t, '.') - t) * 10 + (strchr(t, 'x') == 0);",
  'const char *t = "farcall"; return (strstr(t, "call") - t) * 10 + (strstr(t, "calls") == 0) + (strstr(t, "") == t);',
  'const char *t = "xyz"; return (memcmp("ab", "ac", 2) < 0) + 10 * memcmp("ab", "ac", 1) + 100 * ((char *)memchr(t, \'z\', 3) - (char *)memchr(t, \'x\', 3));',
];

/** Programs over structures of the kernel, as little of them as each header needs. */
const STRUCTURES: readonly string[] = [
  'atomic_t a = { -7 }; refcount_t r = { { 3 } }; struct kref k = { { { 4 } } }; return atomic_read(&a) + 100 * (long)refcount_read(&r) + 1000 * (long)kref_read(&k);',
  'int x = 5, *p = &x; return READ_ONCE(x) + 10 * data_race(x) + 100 * *rcu_dereference(p) + 1000 * smp_load_acquire(p);',
  'struct nulls_item { int key; struct hlist_nulls_node n; } a = { .key = 1 }, b = { .key = 2 }, *e; struct hlist_nulls_head h = { &a.n }; a.n.next = &b.n; b.n.next = (void *)15; struct hlist_nulls_node *at; long n = 0; hlist_nulls_for_each_entry(e, at, &h, n) n = n * 10 + e->key; return n + 100 * get_nulls_value(at) + 1000 * is_a_nulls(at) + hlist_nulls_empty(&h);',
  'struct bl_item { int key; struct hlist_bl_node n; } a = { .key = 1 }, b = { .key = 2 }, *e; struct hlist_bl_head h = { (void *)((long)&a.n | 1) }; a.n.next = &b.n; struct hlist_bl_node *at; long n = 0; hlist_bl_for_each_entry(e, at, &h, n) n = n * 10 + e->key; return n + 100 * hlist_bl_is_locked(&h) + 1000 * hlist_bl_empty(&h);',
  'struct item a = { .key = 1 }, b = { .key = 2 }, *e, *f; struct llist_head h = { &a.lock_less }; a.lock_less.next = &b.lock_less; long n = 0; llist_for_each_entry(e, h.first, lock_less) n = n * 10 + e->key; llist_for_each_entry_safe(e, f, h.first, lock_less) n = n * 10 + e->key; return n + llist_empty(&h);',
  'struct plist_item { int key; struct plist_node n; } a = { .key = 1 }, b = { .key = 2 }, *e; struct plist_head h; h.node_list.next = &a.n.node_list; a.n.node_list.next = &b.n.node_list; b.n.node_list.next = &h.node_list; long n = 0; plist_for_each_entry(e, &h, n) n = n * 10 + e->key; return n + 100 * plist_head_empty(&h) + 1000 * plist_first_entry(&h, struct plist_item, n)->key;',
  'struct klist_node a = { .n_klist = (void *)8 }, b = { .n_klist = (void *)9 }, *e; struct klist k; k.k_list.next = &a.n_node; a.n_node.next = &b.n_node; b.n_node.next = &k.k_list; long n = 0; klist_for_each(e, &k) n = n * 10 + (e == &a) + 2 * (e == &b); return n;',
  'struct xa_node low = { .shift = 0 }; low.slots[3] = (void *)0x1001; struct xarray x = { 0, (void *)((long)&low + 2) }; unsigned long i; void *e; long n = (long)radix_tree_lookup(&x, 3); radix_tree_for_each(e, &x, i) n = n * 7 + i; i = 0; n += (long)xa_find(&x, &i, 9, XA_PRESENT) + i + 2 * xa_empty(&x); return n;',
  'struct xa_node low = { .shift = 0 }; low.slots[3] = (void *)0x1004; struct idr d = { { 0, (void *)((long)&low + 2) }, 10 }; int id; void *e; long n = (long)idr_find(&d, 13) + idr_is_empty(&d); idr_for_each_entry(&d, e, id) n = n * 7 + id; return n;',
  'return S_ISDIR(0040755) + 10 * S_ISREG(0100644) + 100 * S_ISLNK(0120777) + 1000 * S_ISSOCK(0140000) + 10000 * S_ISBLK(0060000) + 100000 * S_ISCHR(0060000) + S_ISFIFO(0010000);',
  'return ntohs(0x1234) + htons(80) * 100000L;',
  'struct rw_semaphore s = { { 0x301 }, { 0xffff888000001003 } }; return rwsem_is_locked(&s) + 10 * rwsem_has_writer(&s) + 100 * rwsem_readers(&s) + ((long)rwsem_owner(&s) & 0xffff);',
  'struct mutex m = { { 0xffff888000001002 } }; return mutex_is_locked(&m) + ((long)mutex_owner(&m) & 0xffff);',
  'struct timer_list t = { { 0, (void *)8 } }; struct work_struct w = { { 0x61 } }; struct hrtimer h = { 1 }; return timer_pending(&t) + 10 * work_pending(&w) + 100 * hrtimer_is_queued(&h);',
  'struct wait_queue_head q; q.head.next = &q.head; struct completion c = { 2 }; return waitqueue_active(&q) + 10 * completion_done(&c);',
  'struct inode i = { 0040755 }; struct dentry d = { .d_inode = &i }, none = { 0 }; d.d_parent = &d; d.d_lockref.count = 5; return d_is_dir(&d) + 10 * d_is_negative(&none) + 100 * IS_ROOT(&d) + 1000 * d_unhashed(&d) + 10000 * d_count(&d);',
  'struct dentry top = { 0 }, a = { 0 }, b = { 0 }; a.d_name.name = (const unsigned char *)"ab"; a.d_name.len = 2; b.d_name.name = (const unsigned char *)"abc"; b.d_name.len = 3; a.d_hash.pprev = b.d_hash.pprev = (void *)8; top.d_subdirs.next = &a.d_child; a.d_child.next = &b.d_child; b.d_child.next = &top.d_subdirs; return (dentry_child(&top, "abc", 3) == &b) + 10 * (dentry_child(&top, "ab", 2) == &a) + 100 * (dentry_child(&top, "a", 1) == 0);',
  'struct cgroup_subsys_state r = { 0 }, a = { 0 }, b = { 0 }, *e; r.children.next = &a.sibling; a.sibling.next = &b.sibling; b.sibling.next = &r.children; a.children.next = &a.children; b.children.next = &b.children; a.parent = b.parent = &r; a.id = 1; b.id = 2; r.id = 3; long n = 0; css_for_each_descendant_pre(e, &r) n = n * 10 + e->id; css_for_each_child(e, &r) n = n * 10 + e->id; return n;',
  'struct kobject o = { "disk" }; struct device d = { 0, { "vda" }, 3 }, e = { "first", { "vda" }, 0 }; return strlen(kobject_name(&o)) + 10 * strlen(dev_name(&d)) + 100 * strlen(dev_name(&e)) + 1000 * dev_to_node(&d);',
  'unsigned long w[2] = { 0x10, 1 }; return test_bit(4, w) + 10 * test_bit(5, w) + 100 * test_bit(64, w);',
  'return ktime_to_ms(5000001) + ktime_to_us(7000) * 10 + time_after(1UL, ~0UL) * 100 + time_before(1UL, 2UL) * 1000 + NSEC_PER_SEC;',
  'struct module m = { { 3 } }; return module_refcount(&m);',
  'struct percpu_ref r = { 2 }, p = { 8 }; return percpu_ref_is_dying(&r) + 10 * percpu_ref_is_percpu(&p) + 100 * percpu_ref_is_percpu(&r);',
  'struct pid p = { 1, { { 40 }, { 2 } } }; return pid_nr(&p) + 100 * pid_vnr(&p) + pid_nr((struct pid *)0);',
  'struct item a = { .key = 1 }, b = { .key = 2 }, *at; struct list_head r; r.next = &a.link; a.link.next = &b.link; b.link.next = &r; long n = 0; list_for_each_entry_rcu(at, &r, link) n = n * 10 + at->key; return n + list_first_or_null_rcu(&r, struct item, link)->key;',
];

/** Programs over headers that compute with what they are given; each returns a long. */
export const JUDGED_PROGRAMS: readonly string[] = [
  ...WALKS.map(walk => STAGED + walk),
  ...NUMBERS,
  ...STRUCTURES,
  ...STRINGS,
  'return ENOENT + 1000L * EINVAL + 1000000L * EWOULDBLOCK;',
];

/** Formats with their values: what the C library writes is what a program writes. */
export const JUDGED_FORMATS: readonly string[] = [
  '"%d %i %u", -5, 7, 4000000000u',
  '"%5d|%-5d|%05d|%+d|% d|%.3d|%8.3d", 42, 42, -42, 42, 42, 7, -7',
  '"%x %X %#x %o %#o %08lx", 48879, 48879, 48879, 8, 8, 48879L',
  '"%ld %lu %lld %llx", -1L, -1L, -5000000000L, -1L',
  '"%hd %hhd %hu %hhu", 70000, 300, 70000, 300',
  '"%c|%3c|%-3c|%%", 65, 66, 67',
  '"%s|%6s|%-6s|%.2s|%6.2s", "abc", "abc", "abc", "abc", "abc"',
  '"%*d|%-*d|%.*s", 6, 42, 6, 42, 2, "abcdef"',
  '"%zu %zd", 12UL, -12L',
];
