/** Types of the kernel that the headers below use, as any C compiler reads them. */
export const JUDGED_TYPES = `
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long u64; typedef long s64;
struct list_head { struct list_head *next, *prev; };
struct hlist_node { struct hlist_node *next, **pprev; };
struct hlist_head { struct hlist_node *first; };
struct llist_node { struct llist_node *next; };
struct llist_head { struct llist_node *first; };
struct rb_node { unsigned long __rb_parent_color; struct rb_node *rb_right, *rb_left; };
struct rb_root { struct rb_node *rb_node; };
struct xa_node { unsigned char shift, offset, count, nr_values; void *parent; void *array; void *slots[64]; };
struct xarray { unsigned int xa_flags; void *xa_head; };
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
  'return (memcmp("ab", "ac", 2) < 0) + 10 * memcmp("ab", "ac", 1) + 100 * ((char *)memchr("xyz", \'z\', 3) - (char *)memchr("xyz", \'x\', 3));',
];

/** Programs over headers that only compute; each returns a long. */
export const JUDGED_PROGRAMS: readonly string[] = [
  ...WALKS.map(walk => STAGED + walk),
  ...NUMBERS,
  ...STRINGS,
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
