import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bootMachine,
  ensureKernel,
  type KernelFlavour,
  type KernelSeries,
  type Machine,
} from './machine/index.ts';
import { type AllBothWays, runBothWays } from './support/both-ways.ts';
import { type ProgramResults, runPrograms } from './support/programs-in-guest.ts';

/** Kernels of the other CPU, one boot each: pages of 4 and of 16 KiB, with and without symbols of data, CRCs, preemption. */
const KERNELS: readonly { readonly series: KernelSeries; readonly flavour: KernelFlavour }[] = [
  { series: '6.1', flavour: 'generic' },
  { series: '6.12', flavour: '16k' },
  { series: '7.2', flavour: 'generic' },
];

interface Row {
  readonly program: string;
  readonly outcome?: string;
  /** Of the value, or of what is said about the end. */
  readonly text: string | RegExp;
  /** What the kernel logs meanwhile. */
  readonly log?: readonly string[];
  /** Needs symbols of data, which 6.1 for arm64 has not (no CONFIG_KALLSYMS_ALL). */
  readonly needsData?: boolean;
}

const UTS = 'extern struct uts_namespace init_uts_ns; ';
const USERS = 'extern struct user_namespace init_user_ns; ';
const INIT = 'extern struct task_struct init_task; ';

const ROWS: readonly Row[] = [
  { program: 'gcd(48, 36)', text: '(unsigned long)12' },
  { program: 'int_sqrt(1UL << 40)', text: `(unsigned long)${2 ** 20}` },
  { program: 'simple_strtoll("-9223372036854775807", NULL, 10)', text: '(long long)-9223372036854775807' },
  { program: 'sysfs_streq("on", "on\\n")', text: '(bool)true' },
  { program: 'unsigned long (*f)(unsigned long, unsigned long) = gcd; f(12, 18)', text: '(unsigned long)6' },
  { program: 'filp_open("/no/such/file", 0, 0)', text: '(struct file *)ERR_PTR(-2) /* -ENOENT */' },
  { program: '&nr_processes', text: /^\(int \(\*\)\(void\)\)0xffff[0-9a-f]{12} \/\* nr_processes \*\/$/ },
  { program: '_printk("Hello, world %d\\n", 1234)', text: '(int)17', log: ['Hello, world 1234'] },
  // more arguments than registers, and variadic ones
  { program: 'snprintf(NULL, 0, "%d%d%d%d%d%d%d%d%s", 1, 2, 3, 4, 5, 6, 7, -8, "nine")', text: '(int)13' },
  // what the callee writes
  { program: 'int n = 1; kstrtoint("42", 10, &n); n', text: '(int)42' },
  // structures by value: in one register and in two, as a pointer to a copy, and through x8
  {
    program: `${USERS}from_kuid(&init_user_ns, make_kuid(&init_user_ns, 1000))`,
    text: '(uid_t)1000',
    needsData: true,
  },
  {
    program: 'ns_to_timespec64(1500000000)',
    text: '(struct timespec64){ .tv_sec = 1, .tv_nsec = 500000000 }',
  },
  { program: 'rtc_ktime_to_tm(86400000000000).tm_mday', text: '(int)2' },
  { program: 'rtc_tm_to_ktime(rtc_ktime_to_tm(86400000000000))', text: '(ktime_t)86400000000000' },
  // char is unsigned here
  { program: '(char)255 < 0', text: '(int)0' },
  // reading and writing
  { program: `${UTS}init_uts_ns.name.sysname`, text: '"Linux"', needsData: true },
  { program: `${INIT}init_task.comm`, text: /^"swapper/, needsData: true },
  { program: 'find_task(1)->tgid', text: /^\((pid_t|int)\)1$/ },
  { program: 'extern int panic_timeout; panic_timeout = 7; panic_timeout', text: '(int)7', needsData: true },
  {
    program: `${INIT}init_task.in_execve = 1; unsigned a = init_task.in_execve; init_task.in_execve = 0; a * 2 + init_task.in_execve`,
    text: '(unsigned int)2',
    needsData: true,
  },
  { program: '*(int *)8', outcome: 'faulted', text: /no memory for this at 0x8/ },
  { program: '*(int *)8 = 1', outcome: 'faulted', text: /no memory for this at 0x8/ },
  { program: '*(int *)&nr_processes = 1', outcome: 'faulted', text: /no memory for this at 0xffff/ },
  {
    program: '((struct iphdr *)&nr_processes)->version = 1',
    outcome: 'faulted',
    text: /no memory for this at 0xffff/,
  },
  // control flow
  { program: 'int n = 0; for_each_task (t) n++; n > 10', text: '(int)1' },
  { program: 'while (1);', outcome: 'faulted', text: /10000000 turns/ },
  { program: 'require(nr_processes() < 0); 1', outcome: 'skipped', text: /./ },
  // an oops ends its call, and nothing else
  { program: 'int (*f)(void) = (int (*)(void))8; f()', outcome: 'faulted', text: /killed by SIG/ },
  { program: 'gcd(4, 6)', text: '(unsigned long)2' },
];

/** Programs that only read, for kernels with symbols of data: interpreted they say what their modules say. */
const READS: readonly string[] = [
  `${UTS}init_uts_ns.name`,
  `${INIT}report(init_task.comm, init_task.pid); init_task.mm`,
  'extern struct rq runqueues; per_cpu(runqueues, 0).idle->comm',
  'struct task_struct *t = find_task(1); t->tgid * 100 + t->real_parent->pid',
  'find_task(2)->thread_pid->numbers[0]',
  'int n = 0; for_each_task (t) { if (t->pid > 2) break; n++; report(t->comm); } n',
  'rcu_read_lock(); int pid = find_task(1)->real_parent->pid; rcu_read_unlock(); pid',
  'find_task(4000000)',
  '*(int *)8',
  '*(char *)0x7fff00000000',
];

describe.each(KERNELS)('Linux $series for arm64, $flavour', ({ series, flavour }) => {
  let machine: Machine;
  let ran: ProgramResults;
  let rows: readonly Row[];
  let both: AllBothWays | undefined;

  beforeAll(async () => {
    machine = await bootMachine({ kernel: await ensureKernel(series, { flavour, arch: 'arm64' }) });
    const hasData = (await machine.run('grep -q " init_uts_ns$" /proc/kallsyms')).exitCode === 0;
    rows = ROWS.map(row =>
      row.needsData && !hasData ? { ...row, outcome: 'error', text: /this kernel has no symbol/ } : row,
    );
    ran = await runPrograms(
      machine,
      rows.map(({ program }) => program),
    );
    if (hasData) both = await runBothWays(machine, READS);
  });
  afterAll(() => machine?.kill());

  test.each(ROWS.map(({ program }, index) => ({ program, index })))('$program', ({ index }) => {
    const { outcome = 'returned', text, log } = rows[index]!;
    const result = ran.results[index]!;
    const said = result.value?.text ?? result.error?.message ?? result.message ?? '';
    expect(result.outcome, said).toBe(outcome);
    if (typeof text === 'string') expect(said).toBe(text);
    else expect(said).toMatch(text);
    if (log) expect(result.kernelLog).toEqual(log);
  });

  test('what only reads is interpreted, and says what its module says', ctx => {
    if (!both) return ctx.skip('this kernel tells no symbols of data');
    expect(both.loadedForReads).toBe(0);
    expect(both.results).toHaveLength(READS.length);
    for (const { program, interpreted, module } of both.results) {
      const { outcome, value, error, rows } = module;
      expect(['returned', 'skipped', 'faulted'], program).toContain(outcome);
      expect(interpreted, program).toMatchObject({
        outcome,
        rows,
        ...(value && { value }),
        ...(error && { error }),
      });
    }
  });

  test('symbols and memory were read the fast way', () => {
    expect(ran.notes).toEqual([]);
  });
});
