import { GccKernel } from '../support/gcc-kernel.ts';
import type { TestCpu } from '../support/test-cpus.ts';

/**
 * A kernel whose clock moves on by a millisecond at each look, and in which a sleep is as long as it takes to
 * enter some functions. `probes` counts what is registered, and goes to what a program leaves behind.
 */
const KPROBES = `
#ifdef __aarch64__
struct pt_regs { union { unsigned long words[40]; struct { unsigned long regs[31], sp, pc; }; }; };
#else
struct pt_regs { union { unsigned long words[40]; struct { unsigned long before[16], ip; }; }; };
#endif
struct kprobe {
  long before[5];
  void *addr;
  long between[2];
  int (*pre_handler)(struct kprobe *p, struct pt_regs *regs);
  unsigned long nmissed;
};
struct kretprobe_instance { long before[3]; char data[]; };
struct kretprobe {
  struct kprobe kp;
  int (*handler)(struct kretprobe_instance *ri, struct pt_regs *regs);
  int (*entry_handler)(struct kretprobe_instance *ri, struct pt_regs *regs);
  int maxactive;
  int nmissed;
  unsigned long data_size;
};
struct two { long a, b; };
static struct kprobe *probes[4];
static struct kretprobe *return_probe;
static long clock_ns;
int turns, killed_at = -1, refusal;
unsigned long slow_ns;

long wide(signed char a, unsigned short b, int c, long d, struct two e, long f, long g, int h, long i, unsigned char j) {
  return a;
}
int few(int a) { return a; }
int never(void) { return 0; }
extern char __kprobes_text_start[], __kprobes_text_end[];
int forbidden(int a) { return a; }
unsigned long _kbl_addr_forbidden;
struct large { long parts[3]; };
int with_large(struct large it) { return 0; }
int with_clone(int a) { return a; }
int clone_of_it(int a) __asm__("with_clone.constprop.0");
int clone_of_it(int a) { return a; }
int cloned(int a) __asm__("cloned.isra.0");
int cloned(int a) { return a; }
int cloned_twice(int a) __asm__("cloned_twice.isra.0");
int cloned_twice(int a) { return a; }
int other_clone(int a) __asm__("cloned_twice.constprop.1");
int other_clone(int a) { return a; }
struct large gives_large(void) { struct large it = {{0}}; return it; }
void gives_nothing(void) {}

static int handled;

/** Calls the handler as a kprobe at a function's entry does. */
static void enter(void *function, const long *args, int count) {
  struct pt_regs regs;
  long stack[32];
  memset(&regs, 0x5a, sizeof regs);
#ifdef __aarch64__
  for (int each = 0; each < count; each++)
    if (each < 8) regs.words[each] = args[each];
    else stack[each - 8] = args[each];
  regs.words[31] = (unsigned long)stack;
  regs.pc = (unsigned long)function;
  regs.regs[30] = (unsigned long)never;
#else
  static const int at[] = {14, 13, 12, 11, 9, 8};
  for (int each = 0; each < count; each++)
    if (each < 6) regs.words[at[each]] = args[each];
    else stack[1 + each - 6] = args[each];
  regs.words[19] = (unsigned long)stack;
  regs.ip = (unsigned long)function;
#endif
  for (int each = 0; each < 4; each++)
    if (probes[each] && probes[each]->addr == function && probes[each]->pre_handler(probes[each], &regs)) handled = -1;
}

/** Calls the handlers as a kretprobe does, at the entry of the function and when it returns. */
static void enter_and_return(void *function, long result) {
  struct pt_regs regs;
  long memory[8];
  struct kretprobe_instance *instance = (void *)memory;
  if (!return_probe || return_probe->kp.addr != function) return;
  if (return_probe->maxactive < 100 || return_probe->data_size > 32) handled = -1;
  memset(&regs, 0x5a, sizeof regs);
  memset(memory, 0xa5, sizeof memory);
  if (return_probe->entry_handler && return_probe->entry_handler(instance, &regs)) return;
#ifdef __aarch64__
  regs.words[0] = result;
#else
  regs.words[10] = result;
#endif
  if (return_probe->handler(instance, &regs)) handled = -1;
}

long ktime_get(void) { return clock_ns += 1000000; }
/** Moves on by 7 at each look. */
unsigned long ktime_get_mono_fast_ns(void) { static unsigned long fast_ns = 1000; return fast_ns += 7 + slow_ns; }
unsigned long ktime_get_boot_fast_ns(void) { return 4242; }
/** One caller is known; on AArch64 it is the second, as the first is in a register. */
unsigned int stack_trace_save_regs(struct pt_regs *regs, unsigned long *store, unsigned int size, unsigned int skip) {
  unsigned int saved = 0;
#ifdef __aarch64__
  if (skip != 1 || size != 14) handled = -1;
#else
  if (skip != 0 || size != 16) handled = -1;
  store[saved++] = regs->ip;
#endif
  store[saved++] = (unsigned long)wide;
  return saved;
}
unsigned long sched_clock(void) { return clock_ns; }

int register_kprobe(struct kprobe *p) {
  if (refusal) return refusal;
  for (int each = 0; each < 4; each++)
    if (!probes[each]) {
      p->nmissed = 0;
      probes[each] = p;
      rcu_depth++;
      return 0;
    }
  return -17;
}

void unregister_kprobe(struct kprobe *p) {
  for (int each = 0; each < 4; each++)
    if (probes[each] == p) {
      probes[each] = 0;
      rcu_depth--;
      return;
    }
  rcu_faults++;
}

int register_kretprobe(struct kretprobe *rp) {
  if (refusal) return refusal;
  if (return_probe) return -17;
  return_probe = rp;
  rcu_depth++;
  return 0;
}

void unregister_kretprobe(struct kretprobe *rp) {
  if (return_probe != rp) rcu_faults++;
  return_probe = 0;
  rcu_depth--;
}

long schedule_timeout_killable(long timeout) {
  const long wide_args[] = {0x1fe, 0x18000, -7, -8, 11, 12, 13, 14, 0x1fffffff9L, 16, 0x1ff};
  const long few_args[] = {turns};
  if (turns == killed_at) return timeout;
  enter(wide, wide_args, 11);
  enter(few, few_args, 1);
  enter((char *)few + 4, few_args, 1);
  enter(cloned, few_args, 1);
  enter_and_return(few, 0x7700000000L + turns);
  for (int each = 0; each < 4; each++)
    if (probes[each]) probes[each]->nmissed++;
  if (return_probe) return_probe->nmissed++, return_probe->kp.nmissed += 2;
  turns++;
  return 0;
}
`;

/** See {@link KPROBES}. */
export function probedKernel(cpu: TestCpu): GccKernel {
  return new GccKernel(cpu, KPROBES);
}
