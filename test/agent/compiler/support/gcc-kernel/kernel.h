// What modules find instead of a kernel: data, and functions over it. Types reach the compiler through gcc's own BTF.
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef struct { int counter; } atomic_t;
typedef struct { atomic_t refs; } refcount_t;

enum color { RED, GREEN, BLUE = 7 };
enum pid_type { PIDTYPE_PID, PIDTYPE_TGID };

struct list_head { struct list_head *next, *prev; };

struct pair { long a, b; };
struct small { char c; short s; };
struct three { char bytes[3]; };
struct triple { long a, b, c; };
struct empty {};
struct __attribute__((packed)) packed { char c; long l; };
union number { int i; long l; char bytes[8]; };
struct bits {
  unsigned a : 3, b : 7;
  int c : 5;
  u64 wide : 40;
  u8 byte : 8;
  int sign : 1;
  enum color color : 4;
  unsigned full : 32;
};
struct item { int value; struct list_head link; char name[8]; };
struct mixed {
  int plain;
  union { int left; char right[4]; };
  struct { struct pair pair; enum color color; };
  int grid[2][3];
  const char *text;
  _Bool flag;
  int (*twice)(int);
  int tail[];
};
struct hlist_node { struct hlist_node *next, **pprev; };
struct hlist_head { struct hlist_node *first; };
enum { CHUNK = 16 };
struct xarray { int xa_lock, xa_flags; void *xa_head; };
struct xa_node { u8 shift, offset, count, nr_values; struct xa_node *parent; struct xarray *array; void *slots[CHUNK]; };
struct idr { struct xarray idr_rt; unsigned idr_base, idr_next; };
struct upid { int nr; void *ns; };
struct pid { int count; struct hlist_head tasks[2]; struct upid numbers[1]; struct task_struct *task; };
struct pid_namespace { int level; struct idr idr; };
struct cred { struct { unsigned val; } uid; };
struct task_struct {
  unsigned __state;
  refcount_t usage;
  int pid, tgid;
  char comm[16];
  const struct cred *cred;
  struct pid *thread_pid;
  struct hlist_node pid_links[2];
  struct list_head tasks;
};

enum { TASKS = 5 };
struct pid_namespace init_pid_ns;
struct pid pids[TASKS];
struct task_struct tasks[TASKS];
struct xa_node tree_root, tree_leaves[CHUNK];
int rcu_depth, given_pids, freed, rcu_faults;

struct list_head items;
struct item item_array[3];
struct mixed a_mixed;
struct bits some_bits;
struct pair a_pair = {11, 22};
int counter;
long scratch[4];
const int constant = 5;
long __per_cpu_offset[2];
int per_cpu_value __attribute__((section("percpu"))) = 1;
int per_cpu_copies[2] = {100, 200};
char *read_only;
extern char __start_percpu[], __stop_percpu[];
char *per_cpu_bounds[] = {__start_percpu, __stop_percpu};

/** What the tests ask for after a program has ended. */
struct leftover {
  int rcu_depth, given_pids, freed, usage;
  int counter, rcu_faults;
  struct bits bits;
};

int twice(int value) { return 2 * value; }
int set_int(int *to) { *to = 42; return 0; }
int add_pair(struct pair *to, long more) { to->a += more; return (int)to->b; }
struct pair make_pair(long a, long b) { return (struct pair){a, b}; }
struct small make_small(int c, int s) { return (struct small){c, s}; }
struct three make_three(int first) { return (struct three){{first, first + 1, first + 2}}; }
struct triple make_triple(long a) { return (struct triple){a, a + 1, a + 2}; }
struct packed make_packed(long l) { return (struct packed){1, l}; }
long take_mixture(int a, struct pair b, struct triple c, struct small d, struct packed e, struct three f,
                  struct pair g, struct empty h, union number i, int j) {
  (void)h;
  return a + b.a * 3 + b.b * 5 + c.a * 7 + c.b * 11 + c.c * 13 + d.c * 17 + d.s * 19 + e.c * 23 + e.l * 29 +
         f.bytes[0] * 31 + f.bytes[2] * 37 + g.a * 41 + g.b * 43 + i.l * 47 + j * 53;
}
long sleep_in_body(void) { if (rcu_depth) rcu_faults++; return 0; }
const char *hello(void) { return "hello \"kernel\"\n"; }
int fail(void) { return -22; }

void __rcu_read_lock(void) { rcu_depth++; }
void __rcu_read_unlock(void) { rcu_depth--; }
struct pid *find_ge_pid(int number, struct pid_namespace *ns) {
  if (!rcu_depth || ns != &init_pid_ns) rcu_faults++;
  for (int each = 0; each < TASKS; each++) if (pids[each].numbers[0].nr >= number) return &pids[each];
  return 0;
}
struct pid *find_get_pid(int number) {
  for (int each = 0; each < TASKS; each++)
    if (pids[each].numbers[0].nr == number) { given_pids++; return &pids[each]; }
  return 0;
}
struct task_struct *get_pid_task(struct pid *pid, enum pid_type type) {
  if (type != PIDTYPE_PID || !pid->task) return 0;
  pid->task->usage.refs.counter++;
  return pid->task;
}
void put_pid(struct pid *pid) { (void)pid; given_pids--; }
void __put_task_struct(struct task_struct *task) { (void)task; freed++; }

/** Numbers to struct pid, in two levels; what leads down is marked by 2 in its low bits. */
static void put_into_tree(int number, struct pid *pid) {
  struct xa_node *leaf = &tree_leaves[number / CHUNK];
  tree_root.shift = 4;
  tree_root.array = leaf->array = &init_pid_ns.idr.idr_rt;
  init_pid_ns.idr.idr_rt.xa_head = (char *)&tree_root + 2;
  tree_root.slots[number / CHUNK] = (char *)leaf + 2;
  leaf->slots[number % CHUNK] = pid;
}

static void set_up_tasks(void) {
  for (int each = 0; each < TASKS; each++) {
    pids[each].numbers[0].nr = each * 10 + 1;
    pids[each].numbers[0].ns = &init_pid_ns;
    pids[each].task = each == 3 ? 0 : &tasks[each];
    pids[each].tasks[PIDTYPE_PID].first = each == 3 ? 0 : &tasks[each].pid_links[PIDTYPE_PID];
    tasks[each].thread_pid = &pids[each];
    put_into_tree(pids[each].numbers[0].nr, &pids[each]);
    tasks[each].pid = tasks[each].tgid = each * 10 + 1;
    tasks[each].__state = each;
    tasks[each].usage.refs.counter = 1;
    tasks[each].comm[0] = 'a' + each;
  }
}

static void set_up_list(void) {
  struct list_head *last = &items;
  for (int each = 0; each < 3; each++) {
    item_array[each].value = each + 1;
    item_array[each].name[0] = 'x' + each;
    last->next = &item_array[each].link;
    last = last->next;
  }
  last->next = &items;
}

static void set_up(void) {
  extern void *mmap(void *, size_t, int, int, int, long);
  set_up_tasks();
  set_up_list();
  a_mixed = (struct mixed){.plain = 1, .left = 0x01020304, .pair = {5, 6}, .color = BLUE,
                           .grid = {{1, 2, 3}, {4, 5, 6}}, .text = "text", .flag = 1, .twice = twice};
  some_bits = (struct bits){.a = 5, .b = 100, .c = -7, .wide = 0x123456789a, .byte = 0xee, .sign = -1,
                            .color = BLUE, .full = 0xdeadbeef};
  for (int cpu = 0; cpu < 2; cpu++)
    __per_cpu_offset[cpu] = (long)&per_cpu_copies[cpu] - (long)&per_cpu_value;
  read_only = mmap(0, 4096, 1, 0x22 | 0x40, -1, 0);
}

static void leave_behind(struct leftover *to) {
  int usage = 0;
  for (int each = 0; each < TASKS; each++) usage += tasks[each].usage.refs.counter;
  *to = (struct leftover){rcu_depth, given_pids, freed, usage, counter, rcu_faults, some_bits};
}
