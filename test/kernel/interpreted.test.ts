import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type DebianArch,
  type KernelFlavour,
  type KernelSeries,
  type Machine,
  sharedMachine,
} from '../../tools/machine/index.ts';
import { callsFromCommandLine } from './suite/index.ts';
import { type AllBothWays, type BothWays, runBothWays } from './support/both-ways.ts';
import { guestScript } from './support/guest-script.ts';

const AGENT = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

interface TestKernel {
  readonly arch: DebianArch;
  readonly series: KernelSeries;
  readonly flavour: KernelFlavour;
}

/** For arm64 those with symbols of data: without, what reads tasks is no longer interpreted. */
const KERNELS: readonly TestKernel[] = [
  ...(['5.10', '6.1', '6.12', '7.2'] as const).map(
    series => ({ arch: 'amd64', series, flavour: 'generic' }) as const,
  ),
  { arch: 'arm64', series: '6.12', flavour: '16k' },
  { arch: 'arm64', series: '7.2', flavour: 'generic' },
];

const UTS = 'extern struct uts_namespace init_uts_ns; ';
const RUNQUEUES = 'extern struct rq runqueues; ';

/** Programs whose end and values stand still: both ways must say the very same. */
const EVERYWHERE: readonly string[] = [
  `${UTS}init_uts_ns.name`,
  'find_task(2)->comm',
  'struct task_struct *t = find_task(1); t->tgid * 100 + t->real_parent->pid',
  'container_of(&find_task(1)->tasks, struct task_struct, tasks)->pid',
  'find_task(2)->thread_pid->numbers[0]',
  'extern struct task_struct init_task; report(init_task.comm, init_task.pid); init_task.mm',
  'extern enum system_states system_state; system_state',
  `${RUNQUEUES}per_cpu(runqueues, 0).cpu`,
  `${RUNQUEUES}per_cpu(runqueues, 0).idle->comm`,
  'extern int console_printk[4]; console_printk',
  'extern char linux_banner[]; (const char *)linux_banner',
  'extern struct ctl_table net_core_table[]; for (int i = 0; i < 8 && net_core_table[i].procname; i++) report(net_core_table[i].procname, net_core_table[i].maxlen);',
  'extern struct list_head super_blocks; struct super_block *s; list_for_each_entry(s, &super_blocks, s_list) report(s->s_type->name, s->s_dev);',
  'find_task(1)->sched_reset_on_fork',
  'rcu_read_lock(); int pid = find_task(1)->real_parent->pid; rcu_read_unlock(); pid',
  'for_each_task (t) if (t->pid == 2) return t->pid;',
  'for_each_task (t) { if (t->pid > 1) break; report(t->comm); }',
  'int n = 0; for_each_task (t) { for_each_task (u) { n++; if (u->pid > 2) break; } if (n > 8) break; } n',
  'for (int i = 0; i < 20000; i++) report(i);',
  // ways to end early
  'require(find_task(2)->pid == 3); 1',
  'find_task(4000000)',
  'find_task(0)',
  'find_task(-1)',
  'int zero = 0; find_task(2)->pid / zero',
  'rcu_read_lock(); rcu_read_lock(); require(0);',
  'for_each_task (t) require(t->pid != 2);',
  // what is no memory: null, user space, no address at all, holes, guard pages
  'struct task_struct *t = (struct task_struct *)0;\nt->pid',
  '*(int *)8',
  '*(char *)0x7fff00000000',
  '*(char *)0x00007fffffffffff',
  '*(int *)0xdead000000000100',
  '*(char *)0xffff7fffffffffff',
  '(const char *)0x10',
  'rcu_read_lock(); *(int *)0',
  'struct task_struct *t = find_task(2); *(long *)((char *)t->stack - 8)',
  'struct task_struct *t = find_task(2); *(unsigned long *)t->stack',
];

/** What is no memory, where the kernel's memory lies as only this CPU has it. */
const HOLES: Readonly<Record<DebianArch, readonly string[]>> = {
  amd64: [
    'extern unsigned long vmalloc_base; *(long *)(vmalloc_base + (1UL << 40))',
    'extern unsigned long page_offset_base; *(long *)(page_offset_base + (1UL << 40))',
    'extern unsigned long vmemmap_base; *(long *)(vmemmap_base + (1UL << 38))',
    '*(long *)0xffffffffc0000000',
  ],
  arm64: [
    // past the stack in the range of vmalloc, past all memory in the linear map, and the ends of the kernel's
    // half
    'struct task_struct *t = find_task(2); *(long *)((char *)t->stack + (1UL << 40))',
    '*(long *)((char *)find_task(2) + (1UL << 40))',
    // where addresses have 52 bits the first is memory, of which nobody knows who writes it meanwhile
    '*(long *)0xfff0000000000000 & 0',
    '*(long *)0xffefffffffffffff',
    '*(long *)0xfffffffffffffff0',
  ],
};

const PLANNED = 'wake_up_process(find_task(2)); extern int panic_timeout; panic_timeout = 77;';

const TASKS = 'for_each_task (t) report(t->pid, t->comm, t->tgid, t);';
const MODULES =
  'extern struct list_head modules; struct module *m; list_for_each_entry(m, &modules, list) report(m->name, m->state, m->core_kallsyms.num_symtab);';

describe.each(KERNELS)('Linux $series $flavour, $arch', ({ arch, series, flavour }) => {
  const SAME = [...EVERYWHERE, ...HOLES[arch]];
  let machine: Machine;
  let all: AllBothWays;
  let same: readonly BothWays[];
  let tasks: BothWays;
  let modules: BothWays;
  let pidsBefore: string;
  let pidsAfter: string;

  beforeAll(async () => {
    machine = await sharedMachine(series, { arch, flavour });
    pidsBefore = await machine.output('ls -d /proc/[0-9]*/task/[0-9]*');
    all = await runBothWays(machine, [TASKS, MODULES, ...SAME], PLANNED);
    pidsAfter = await machine.output('ls -d /proc/[0-9]*/task/[0-9]*');
    [tasks, modules] = all.results as [BothWays, BothWays];
    same = all.results.slice(2);
  });

  test.each(SAME.map((program, index) => [program, index] as const))(
    'the program %s gives the same both ways',
    (_, index) => {
      const { interpreted, module } = same[index]!;
      const { outcome, value, error, rows, droppedRows } = module;
      expect(interpreted).toMatchObject({
        outcome,
        rows,
        droppedRows,
        ...(value && { value }),
        ...(error && { error }),
      });
      expect(['returned', 'skipped', 'faulted']).toContain(outcome);
    },
  );

  /** Cells of rows as text. */
  const cells = ({ rows = [] }: BothWays['module']): string[][] =>
    rows.map(({ values }) => values.map(({ string, integer, text }) => string ?? integer ?? text));

  test('for_each_task sees the same tasks in the same order, and those of /proc', () => {
    const [read, held] = [cells(tasks.interpreted), cells(tasks.module)];
    const pids = read.map(([pid]) => Number(pid));
    expect(pids).toEqual([...pids].sort((a, b) => a - b));
    // Some come and go between the two: the loader itself, workers.
    const heldNow = new Set(held.map(row => row.join()));
    const both = read.filter(row => heldNow.has(row.join()));
    expect(both.length).toBeGreaterThan(30);
    expect(read.length - both.length).toBeLessThan(10);
    expect(held.length - both.length).toBeLessThan(10);
    const numbers = (text: string) => new Set(text.match(/\d+$/gm));
    const steady = numbers(pidsBefore).intersection(numbers(pidsAfter));
    const found = new Set(read.map(([pid]) => pid));
    expect([...steady].filter(pid => !found.has(pid))).toEqual([]);
  });

  test('the list of modules is the same, but for the module that reads it', () => {
    const ofOthers = cells(modules.module).filter(([name]) => !name!.startsWith('farcall'));
    expect(cells(modules.interpreted)).toEqual(ofOthers);
    expect(ofOthers.length).toBeGreaterThan(3);
  });

  test('nothing is loaded for programs that only read, as the kernel traces it', () => {
    expect([all.loadedForReads, all.loadedInAll]).toEqual([0, SAME.length + 2]);
  });

  test('a plan names the task that would be woken, and wakes nothing', async () => {
    // Every kernel is planned on by the agent's code that already runs there; the command, which starts Node
    // and reads the kernel again, prints what the same functions give.
    const plans = [all.plan];
    if (callsFromCommandLine({ arch, series, flavour }))
      plans.push(await machine.output([...(await guestScript(machine, AGENT)), 'plan', PLANNED]));
    for (const plan of plans) expectWokenTask(plan);
    expect(await machine.output(['cat', '/proc/sys/kernel/panic'])).not.toBe('77\n');
  });

  function expectWokenTask(plan: string): void {
    expect(plan).toMatch(
      /^effect: write\nmodule: \d+ bytes, sha256:[0-9a-f]{64}\nmay call: int wake_up_process\(/,
    );
    expect(plan).toMatch(/^1:1 call wake_up_process\(\(struct task_struct \*\)0xf[0-9a-f]{15}\)$/m);
    expect(plan).toMatch(
      /^1:\d+ write \*\(int \*\)0xf[0-9a-f]{15} \/\* panic_timeout \*\/: \(int\)-?\d+ → \(int\)77$/m,
    );
  }
});
