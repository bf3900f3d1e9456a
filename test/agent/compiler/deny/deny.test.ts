import { afterAll, describe, expect, test } from 'vitest';
import { GccKernel } from '../support/gcc-kernel.ts';
import { failureOf } from '../support/guarded.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { ANY_CPU } from '../support/test-cpus.ts';

/** What a deny needs of a kernel, and functions of all kinds. Nothing of it runs. */
const KERNEL = `
struct pt_regs { unsigned long words[40]; };
enum module_state { MODULE_STATE_LIVE, MODULE_STATE_COMING, MODULE_STATE_GOING };
struct notifier_block { int (*notifier_call)(struct notifier_block *, unsigned long, void *); void *next; int priority; };
struct kprobe {
  unsigned long nmissed;
  void *addr;
  const char *symbol_name;
  int (*pre_handler)(struct kprobe *p, struct pt_regs *regs);
  void (*post_handler)(struct kprobe *p, struct pt_regs *regs, unsigned long flags);
  unsigned int flags;
};
struct cred root_cred = {{7}};
struct large { long parts[3]; };
int checks(int a, struct cred *who) { return a; }
signed char narrow(void) { return 0; }
void gives_nothing(void) {}
struct cred *gives_pointer(void) { return 0; }
struct large gives_large(void) { struct large it = {{0}}; return it; }
extern char __kprobes_text_start[], __kprobes_text_end[];
int forbidden(int a) { return a; }
unsigned long _kbl_addr_forbidden;
int cloned(int a) __asm__("cloned.isra.0");
int cloned(int a) { return a; }
static struct kprobe *one;
static struct notifier_block *told;
int register_kprobe(struct kprobe *p) { one = p; return 0; }
void unregister_kprobe(struct kprobe *p) {}
int register_module_notifier(struct notifier_block *block) { told = block; return 0; }
int unregister_module_notifier(struct notifier_block *block) { return 0; }
unsigned long ktime_get_boot_fast_ns(void) { return 1; }
void ftrace_stub(void) {}
struct task_struct *current_task;
void *__module_address(unsigned long address) { return 0; }
enum module_state state_of(struct cred *cred, struct notifier_block *block) { return MODULE_STATE_LIVE; }
`;

const LIFE = 'for_hours (1)';

const REFUSED: readonly (readonly [program: string, message: RegExp])[] = [
  ['deny (checks) for_hours (1);', /and what the function returns instead/],
  ['deny (checks, -1);', /expected 'for_days \(number\)' after deny/],
  ['deny (checks, -1) for_hours (0);', /for_hours takes 1 to 720, not 0/],
  ['deny (checks, -1) for_days (31);', /for_days takes 1 to 30, not 31/],
  ['int n = 3; deny (checks, -1) for_days (n);', /constant/],
  ['int n = 3; deny (checks, n) for_days (1);', /constant/],
  [`deny (checks, 1 << 40) ${LIFE};`, /40|no int/],
  [`deny (checks, 5000000000) ${LIFE};`, /5000000000 is no int/],
  [`deny (narrow, 200) ${LIFE};`, /200 is no signed char/],
  [`deny (gives_nothing, -1) ${LIFE};`, /'gives_nothing' cannot be denied, .*: it returns nothing/],
  [`deny (gives_pointer, -1) ${LIFE};`, /'gives_pointer' cannot be denied, .*: it returns a pointer/],
  [`deny (gives_large, -1) ${LIFE};`, /it returns a structure/],
  [`extern int gives_pointer(void); deny (gives_pointer, -1) ${LIFE};`, /it returns a pointer/],
  [`deny (forbidden, -1) ${LIFE};`, /'forbidden' cannot be denied: the kernel forbids probes there/],
  [`deny (cloned, -1) ${LIFE};`, /replaced 'cloned' by 'cloned.isra.0'/],
  [`deny (nowhere, -1) ${LIFE};`, /no function 'nowhere'/],
  [`deny (nowhere@later, -1) ${LIFE};`, /'later' is not loaded.*; declare 'nowhere@later'/],
  [`extern void *nowhere@later(void); deny (nowhere, -1) ${LIFE};`, /it returns a pointer/],
  ['extern int nowhere@later(void); nowhere()', /'later' is not loaded: 'nowhere' of it can be denied/],
  ['extern int nowhere@later(void); (long)&nowhere', /'later' is not loaded: 'nowhere' of it can be denied/],
  ['extern int nowhere@later(void); watch (nowhere) for_ms (10);', /a watch is too short to wait for it/],
  [`deny (checks, -1, a, b, c) ${LIFE};`, /'checks' has 2 parameters: int checks/],
  [`deny (narrow, -1, a) ${LIFE};`, /'narrow' has no parameters: signed char narrow/],
  [
    `deny (checks, -1) ${LIFE} while (register_kprobe(0));`,
    /'register_kprobe' cannot be called: it may sleep/,
  ],
  [`deny (checks, -1) ${LIFE} while (find_task(1) != 0);`, /no task can be held/],
  [`static void f(void) { deny (checks, -1) ${LIFE}; } f();`, /not in a function of it/],
  [`rcu_read_lock(); deny (checks, -1) ${LIFE}; rcu_read_unlock();`, /deny/],
];

describe.skipIf(!ANY_CPU)('a deny that is compiled', () => {
  const kernel = ANY_CPU && new GccKernel(ANY_CPU, KERNEL);
  afterAll(() => kernel?.close());
  const compiled = (program: string) => kernel!.compiler.compile(program, 'farcall_test');
  const planned = (program: string) => runToEnd(kernel!.compiler.plan(program, 'unread'));

  test.each(REFUSED)('the program %s is refused, and the error says why', (program, message) => {
    expect(failureOf(() => compiled(program)).message).toMatch(message);
  });

  test('the effect of a program that denies is a deny, whatever else it does', () => {
    expect(planned(`deny (checks, -1) ${LIFE};`).effect).toBe('deny');
    expect(planned(`twice(1); deny (checks, -1) ${LIFE};`).effect).toBe('deny');
  });

  test('a plan lists the deny with its value, its condition and its life', () => {
    const program = `deny (checks, -1, a, who) for_days (7) while (a  ==  4 && who->uid.val);`;
    const plan = planned(program);
    const text = 'deny checks with -1 while (a == 4 && who->uid.val), for 7 days';
    expect(plan.steps.map(step => [step.kind, step.text])).toEqual([['deny', text]]);
    expect(plan.denies).toMatchObject([
      { name: 'checks', value: '-1', condition: 'a == 4 && who->uid.val', lifeMs: 7 * 86_400_000, text },
    ]);
  });

  test('a deny with 0 gets a warning, as its callers are told that what was not done is done', () => {
    expect(planned(`deny (checks, 0) ${LIFE};`).warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/with 0, callers of 'checks' are told/),
    ]);
  });

  test('a deny of a function whose module is not loaded says that it waits, and has no other name', () => {
    const plan = planned(
      `extern int bind@later(struct cred *who); deny (bind, -1, who) ${LIFE} while (who->uid.val);`,
    );
    expect(plan.denies).toMatchObject([{ name: 'bind', module: 'later', aliases: [] }]);
    expect(plan.denies[0]!.text).toBe(
      'deny bind@later with -1 while (who->uid.val), for 1 hour, once its module is loaded',
    );
    expect(plan.warnings[0]!.message).toMatch(/'later' is not loaded: 'bind' is denied once it is/);
    expect(plan.callees).toEqual([]);
  });
});
