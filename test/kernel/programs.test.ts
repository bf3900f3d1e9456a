import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type KernelSeries, type Machine, sharedMachine } from './machine/index.ts';
import { type GuestStep, type ProgramResult, runPrograms } from './support/programs-in-guest.ts';

const AGENT = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

const SERIES: readonly KernelSeries[] = ['5.10', '6.1', '6.12', '7.2'];

const UTS = 'extern struct uts_namespace init_uts_ns; ';
const MODULES = 'extern struct list_head modules; struct module *m; ';
const PANIC = 'extern int panic_timeout; ';
const CRC = `crc_itu_t@crc_itu_t(0, (const u8 *)"123456789", 9)`;
const USAGE = 'find_task(2)->usage.refs.counter';

/** What the BTF of 5.10 (pahole 1.19) has no type for: some functions, all variables, and everything of modules. */
const UNTYPED_IN_5_10: Readonly<Record<string, string>> = {
  runqueues: 'extern struct rq runqueues; ',
  kstrtoint: 'extern int kstrtoint(const char *s, unsigned int base, int *result); ',
  snprintf: 'extern int snprintf(char *to, size_t size, const char *format, ...); ',
  'p9_errstr2errno@9pnet': 'extern int p9_errstr2errno@9pnet(char *text, int length); ',
  'crc_itu_t@crc_itu_t': 'extern u16 crc_itu_t@crc_itu_t(u16 crc, const u8 *bytes, size_t length); ',
};

/** `program` with declarations of what this kernel has no types for. */
function declared(program: string, series: KernelSeries): string {
  if (series !== '5.10') return program;
  for (const [name, declaration] of Object.entries(UNTYPED_IN_5_10))
    if (program.includes(`${name}(`) || program.includes(`(${name},`))
      return declaration + program.replaceAll(name, name.replace(/@.*/, ''));
  return program;
}

/** 5.10 has no types of modules, which no declaration can replace. */
const isPossible = (program: string, series: KernelSeries): boolean =>
  series !== '5.10' || !program.includes('struct p9_client');

const cat = (path: string): GuestStep => ({ command: ['cat', path] });
const sh = (script: string): GuestStep => ({ command: ['sh', '-c', script] });

/** Programs and the text of their values. */
const VALUES: readonly (readonly [program: string, text: string | RegExp])[] = [
  // real structures
  [`${UTS}init_uts_ns.name.sysname`, '"Linux"'],
  [`${UTS}init_uts_ns.name`, /^\(struct new_utsname\)\{ \.sysname = "Linux", \.nodename = "/],
  ['find_task(2)->comm', '"kthreadd"'],
  ['struct task_struct *t = find_task(1); t->tgid * 100 + t->real_parent->pid', '(int)100'],
  ['container_of(&find_task(1)->tasks, struct task_struct, tasks)->pid', /\)1$/],
  ['extern struct task_struct init_task; init_task.comm', /^"swapper/],
  ['extern enum system_states system_state; system_state', /SYSTEM_RUNNING \/\* \d \*\/$/],
  ['per_cpu(runqueues, 0).cpu', '(int)0'],
  ['per_cpu(runqueues, 0).idle->comm', '"swapper/0"'],
  // in one step, whoever else writes
  [
    `${PANIC}int was = panic_timeout; cmpxchg(&panic_timeout, was, 7) == was && xchg(&panic_timeout, was) == 7`,
    '(int)1',
  ],
  [
    `${PANIC}__atomic_fetch_add(&panic_timeout, 3); __atomic_fetch_sub(&panic_timeout, 3) - panic_timeout`,
    '(int)3',
  ],
  // switch, goto, types and constants of the program's own
  [
    'int n = 0; again: n++; if (n < 3) goto again; switch (find_task(1)->pid) { case 1: return n; default: return 0; }',
    '(int)3',
  ],
  [
    'struct out { u8 a; char name[8]; } o = { 5 }; snprintf(o.name, sizeof(o.name), "%d", 42); o',
    '(struct out){ .a = 5, .name = "42" }',
  ],
  ['#define ANSWER 42\nint_sqrt(ANSWER * ANSWER)', '(unsigned long)42'],
  // structures by value
  ['make_kuid((struct user_namespace *)&init_user_ns, 77)', '(kuid_t){ .val = 77 }'],
  [
    'auto ns = (struct user_namespace *)&init_user_ns; from_kuid(ns, make_kuid(ns, 1000)) + from_kgid(ns, make_kgid(ns, 7))',
    /^\((uid_t|unsigned int)\)1007$/,
  ],
  ['ns_to_timespec64(1500000000)', '(struct timespec64){ .tv_sec = 1, .tv_nsec = 500000000 }'],
  ['ns_to_timespec64(-1).tv_nsec', '(long)999999999'],
  [
    'timespec64_add_safe(ns_to_timespec64(1700000000), (struct timespec64){ .tv_sec = 2, .tv_nsec = 600000000 })',
    '(struct timespec64){ .tv_sec = 4, .tv_nsec = 300000000 }',
  ],
  [
    'extern struct rtc_time rtc_ktime_to_tm(ktime_t); rtc_ktime_to_tm(90061000000000)',
    /^\(struct rtc_time\)\{ \.tm_sec = 1, \.tm_min = 1, \.tm_hour = 1, \.tm_mday = 2, \.tm_mon = 0, \.tm_year = 70,/,
  ],
  [
    'extern struct rtc_time rtc_ktime_to_tm(ktime_t); extern ktime_t rtc_tm_to_ktime(struct rtc_time); rtc_tm_to_ktime(rtc_ktime_to_tm(1234000000000))',
    '(ktime_t)1234000000000',
  ],
  // in and out parameters
  ['int x = 0; int r = kstrtoint("-42", 10, &x); x * 1000 + r', '(int)-42000'],
  ['int x = 5; kstrtoint("4z", 10, &x)', '(int)-22 /* -EINVAL */'],
  [
    'struct timespec64 ts = {}; set_normalized_timespec64(&ts, 1, 1500000000); ts',
    '(struct timespec64){ .tv_sec = 2, .tv_nsec = 500000000 }',
  ],
  ['struct tm tm = {}; time64_to_tm(365 * 86400, 0, &tm); tm.tm_year', '(long)71'],
  ['char text[16] = ""; snprintf(text, sizeof text, "%d-%s", 7, "x"); text', '"7-x"'],
  // functions of modules
  [
    'p9_errstr2errno@9pnet((char *)"Operation not permitted", 23)',
    /^\(int\)-(1 \/\* -EPERM|\d+ \/\* -E[A-Z]+) \*\/$/,
  ],
  ['sizeof(struct p9_client) > 0 && p9_is_proto_dotl@9pnet != NULL', '(int)1'],
  // the task is held, and lives on until it is given back
  [
    'struct task_struct *t = find_task($CHILD); send_sig(9, t, 1); msleep(300); t->usage.refs.counter * 1000 + t->exit_state',
    /^\(int\)\d0(16|32)$/,
  ],
];

/** Programs that do not return, how they end, and what is said. */
const ENDS: readonly (readonly [program: string, outcome: string, message: RegExp])[] = [
  ['require(find_task(2)->pid == 3); msleep(1)', 'skipped', /line 1, column 1: /],
  ['find_task(4000000)', 'skipped', /no such task/],
  ['while (1);', 'faulted', /10000000 turns/],
  ['struct task_struct *t = (struct task_struct *)0;\nt->pid', 'faulted', /^line 2, .* at 0x[0-9a-f]{2,4}\n/],
  ['*(int *)0xdead000000000100', 'faulted', /at 0xdead000000000100/],
  ['*(int *)8 = 1', 'faulted', /at 0x8\n/],
  ["extern char linux_banner[];\nlinux_banner[0] = 'x'", 'faulted', /^line 2, .* at 0xffffffff[0-9a-f]{8}\n/],
  ['int zero = 0; 7 / zero', 'faulted', /division by zero/],
  ['rcu_read_lock(); *(int *)0', 'faulted', /at 0x0/],
  ['rcu_read_lock(); rcu_read_lock(); require(0)', 'skipped', /column/],
  // with tasks held
  ['for_each_task (t) require(t->pid != 2);', 'skipped', /column/],
  ['for_each_task (t) if (t->pid == 2) *(int *)0 = 1;', 'faulted', /at 0x0/],
  ['for_each_task (t) if (t->pid == 2) while (1);', 'faulted', /turns/],
  ['int zero = 0; find_task(2)->pid / zero', 'faulted', /division/],
];

/** Programs that leave something to look at, commands that look, and programs that put it back. */
const STEPS = {
  usageBefore: USAGE,
  tasksBefore: sh('ls /proc | grep "^[0-9]"'),
  tasks: 'for_each_task (t) report(t->pid, t->comm, t->tgid);',
  tasksAfter: sh("cd /proc && grep -sH '' [0-9]*/comm"),
  returnInside: 'for_each_task (t) if (t->pid == 2) return t->pid;',
  breakInside: 'for_each_task (t) { if (t->pid == 2) break; msleep(2); }',
  nested:
    'int n = 0; for_each_task (t) { for_each_task (u) { n++; if (u->pid > 2) break; } if (n > 8) break; } n',
  underRcu:
    'extern struct task_struct init_task; struct task_struct *p; int n = 0; rcu_read_lock(); list_for_each_entry(p, &init_task.tasks, tasks) n++; rcu_read_unlock(); n',
  release: `${UTS}init_uts_ns.name.release`,
  releaseFile: cat('/proc/sys/kernel/osrelease'),
  nodename: `${UTS}init_uts_ns.name.nodename`,
  nodenameFile: cat('/proc/sys/kernel/hostname'),
  rename: `${UTS}init_uts_ns.name.nodename[0] += 1;`,
  renamedFile: cat('/proc/sys/kernel/hostname'),
  renameBack: `${UTS}init_uts_ns.name.nodename[0] -= 1;`,
  renamedBackFile: cat('/proc/sys/kernel/hostname'),
  setPanic: `${PANIC}require(panic_timeout != 7); panic_timeout = 7;`,
  setPanicAgain: `${PANIC}require(panic_timeout != 7); panic_timeout = 8;`,
  panicFile: cat('/proc/sys/kernel/panic'),
  resetPanic: `${PANIC}panic_timeout = -1`,
  printk: 'extern int console_printk[4]; console_printk',
  printkFile: cat('/proc/sys/kernel/printk'),
  sysctls:
    'extern struct ctl_table net_core_table[]; for (int i = 0; i < 8 && net_core_table[i].procname; i++) report(net_core_table[i].procname, net_core_table[i].maxlen);',
  sysctlNames: sh('ls /proc/sys/net/core'),
  version: 'extern char linux_banner[]; (const char *)linux_banner',
  versionFile: cat('/proc/version'),
  modules: `${MODULES}list_for_each_entry(m, &modules, list) report(m->name, m->state, m->core_kallsyms.num_symtab);`,
  modulesFile: cat('/proc/modules'),
  fileSystems:
    'extern struct list_head super_blocks; struct super_block *s; list_for_each_entry(s, &super_blocks, s_list) report(s->s_type->name);',
  mountsFile: cat('/proc/mounts'),
  bitBefore: 'find_task(1)->sched_reset_on_fork',
  setBit: sh('chrt --reset-on-fork --other -p 0 1'),
  bitAfter: 'find_task(1)->sched_reset_on_fork',
  clearBit: 'find_task(1)->sched_reset_on_fork = 0;',
  clearedBit: sh('chrt -p 1'),
  writeBit: 'find_task(1)->sched_reset_on_fork = 1;',
  writtenBit: sh('chrt -p 1'),
  clearBitAgain: 'find_task(1)->sched_reset_on_fork = 0;',
  rows: 'for (int i = 0; i < 20000; i++) report(i);',
  notLoaded: CRC,
  load: sh('modprobe crc-itu-t'),
  loaded: CRC,
  reload: sh('modprobe -r crc-itu-t && modprobe crc-itu-t'),
  reloaded: CRC,
  unload: sh('modprobe -r crc-itu-t'),
  unloaded: CRC,
  readOnly: "extern const char linux_banner[]; linux_banner[0] = 'x'",
  plainChar: "'\\xff'",
  usageAfter: USAGE,
} satisfies Record<string, GuestStep>;

type StepName = keyof typeof STEPS;

/** What a kernel says when its rules were broken: lib/bug.c, kernel/sched/core.c, kernel/rcu/, init/main.c (v6.12). */
const TROUBLE =
  /WARNING|BUG|Oops|while atomic|imbalance|returned with|general protection|RCU|rcu|stall|lockup|hung|refcount|leak|unable to handle/i;

describe.each(SERIES)('Linux %s', series => {
  const possible = VALUES.filter(([program]) => isPossible(program, series));
  let machine: Machine;
  let logBefore: string;
  let values: readonly ProgramResult[];
  let ends: readonly ProgramResult[];
  let steps: Record<StepName, ProgramResult>;

  beforeAll(async () => {
    machine = await sharedMachine(series);
    logBefore = await machine.output(['dmesg']);
    const { usageAfter, ...others } = STEPS;
    const [first, second] = [possible.map(([program]) => program), ENDS.map(([program]) => program)];
    const all = [...Object.values(others), ...first, ...second, usageAfter];
    const { results } = await runPrograms(
      machine,
      all.map(step => (typeof step === 'string' ? declared(step, series) : step)),
    );
    const names = Object.keys(others) as StepName[];
    steps = Object.fromEntries(names.map((name, index) => [name, results[index]])) as typeof steps;
    steps.usageAfter = results.at(-1)!;
    values = results.slice(names.length, names.length + first.length);
    ends = results.slice(names.length + first.length, -1);
  });

  /** Cells of the rows that a step brought, as plain text. */
  function rowsOf(name: StepName): string[][] {
    const { outcome, rows, message, error } = steps[name];
    expect(outcome, message ?? error?.message).toBe('returned');
    return (rows ?? []).map(row =>
      row.values.map(value => value.enumerator ?? value.string ?? value.integer ?? value.text),
    );
  }

  function textOf(name: StepName): string | undefined {
    const { outcome, value, message, error } = steps[name];
    expect(outcome, message ?? error?.message).toBe('returned');
    return value?.text;
  }

  const outputOf = (name: StepName): string => {
    const { outcome, output = '' } = steps[name];
    expect(outcome, output).toBe('exited with 0');
    return output.trimEnd();
  };

  test.each(possible.map(([program, text], index) => ({ program, text, index })))(
    '$program',
    ({ text, index }) => {
      const result = values[index];
      expect(result?.outcome, result?.message ?? result?.error?.message).toBe('returned');
      if (typeof text === 'string') expect(result?.value?.text).toBe(text);
      else expect(result?.value?.text).toMatch(text);
    },
  );

  test.each(ENDS.map(([program, outcome, message], index) => ({ program, outcome, message, index })))(
    '$program is $outcome',
    ({ outcome, message, index }) => {
      expect(ends[index]?.error?.message ?? ends[index]?.message).toMatch(message);
      expect(ends[index]?.outcome).toBe(outcome);
      // The watchdog of a slow machine speaks whenever it likes.
      const log = ends[index]?.kernelLog.filter(line => !line.startsWith('clocksource:'));
      expect(log).toEqual([]);
    },
  );

  test('for_each_task sees the tasks that /proc shows', () => {
    const rows = rowsOf('tasks');
    const seen = new Map(rows.map(([pid, comm]) => [pid, comm]));
    expect(seen.size).toBe(rows.length);
    const before = new Set(outputOf('tasksBefore').split('\n'));
    const after = outputOf('tasksAfter')
      .split('\n')
      .map(line => line.split(/\/comm:(.*)/) as [pid: string, name: string])
      .filter(([pid]) => before.has(pid));
    expect(after.length).toBeGreaterThan(20);
    // /proc adds what a worker works on to its name, and kernel threads may have longer names there.
    for (const [pid, name] of after)
      expect(name.startsWith((seen.get(pid) ?? '?').replace(/\+.*/, '')), `${pid} ${name}`).toBe(true);
  });

  test('tasks are seen under RCU, too', () => {
    const count = Number(steps.underRcu.value?.integer);
    expect(Math.abs(count - outputOf('tasksBefore').split('\n').length)).toBeLessThan(10);
  });

  test('what holds tasks gives them back, however it ends', () => {
    expect(textOf('returnInside')).toMatch(/\)2$/);
    expect(textOf('breakInside')).toBe('(void)');
    expect(Number(steps.nested.value?.integer)).toBeGreaterThan(8);
    expect(textOf('usageBefore')).toMatch(/^\(int\)\d+$/);
    expect(textOf('usageAfter')).toBe(textOf('usageBefore'));
  });

  test('names of the system are those of /proc', () => {
    expect(textOf('release')).toBe(`"${outputOf('releaseFile')}"`);
    expect(textOf('nodename')).toBe(`"${outputOf('nodenameFile')}"`);
    expect(steps.version.value?.string).toBe(`${outputOf('versionFile')}\n`);
  });

  test('writes are seen by everyone', () => {
    const before = outputOf('nodenameFile');
    const changed = String.fromCharCode(before.charCodeAt(0) + 1) + before.slice(1);
    expect(steps.rename.outcome, steps.rename.message).toBe('returned');
    expect(outputOf('renamedFile')).toBe(changed);
    expect(outputOf('renamedBackFile')).toBe(before);
    expect(steps.setPanic.outcome).toBe('returned');
    expect(steps.setPanicAgain.outcome).toBe('skipped');
    expect(outputOf('panicFile')).toBe('7');
    expect(textOf('resetPanic')).toBe('(int)-1');
  });

  test('an array is what its sysctl says', () => {
    const numbers = outputOf('printkFile').split(/\s+/);
    expect(textOf('printk')).toBe(`(int [4]){ ${numbers.join(', ')} }`);
    const names = rowsOf('sysctls').map(([name]) => name);
    const files = new Set(outputOf('sysctlNames').split('\n'));
    expect(names.length).toBeGreaterThan(2);
    expect(names.filter(name => !files.has(name!))).toEqual([]);
  });

  test('the list of modules is that of /proc/modules, and our own', () => {
    const rows = rowsOf('modules').filter(([name]) => !name!.startsWith('farcall'));
    const names = outputOf('modulesFile')
      .split('\n')
      .map(line => line.split(' ', 1)[0]);
    expect(rows.map(([name]) => name)).toEqual(names);
    expect(new Set(rows.map(([, state]) => state))).toEqual(new Set(['MODULE_STATE_LIVE']));
  });

  test('the list of superblocks has every type that is mounted', () => {
    const types = new Set(rowsOf('fileSystems').flat());
    const mounted = outputOf('mountsFile')
      .split('\n')
      .map(line => line.split(' ')[2]!);
    expect(mounted.filter(type => !types.has(type))).toEqual([]);
  });

  test('bit fields are read and written where the kernel has them', () => {
    expect(textOf('bitBefore')).toBe('(unsigned int)0');
    expect(textOf('bitAfter')).toBe('(unsigned int)1');
    expect(outputOf('clearedBit')).not.toMatch(/RESET_ON_FORK/);
    expect(outputOf('writtenBit')).toMatch(/RESET_ON_FORK/);
  });

  test('rows that find no room are counted', () => {
    const { rows = [], droppedRows = 0 } = steps.rows;
    expect(rows.length + droppedRows).toBe(20_000);
    expect(rows.length).toBeGreaterThan(1000);
  });

  test('types and functions of a module are there while it is loaded', () => {
    for (const name of ['load', 'reload', 'unload'] as const) outputOf(name);
    const values = [steps.loaded, steps.reloaded].map(({ value, message }) => value?.text ?? message);
    expect(values).toEqual([`(u16)${0x31c3}`, `(u16)${0x31c3}`]);
    expect([steps.notLoaded.code, steps.unloaded.code]).toEqual(['SYMBOL_UNKNOWN', 'SYMBOL_UNKNOWN']);
  });

  test('char is unsigned where the kernel was built so: since 6.2', () => {
    expect(textOf('plainChar')).toBe(series === '5.10' || series === '6.1' ? '(int)-1' : '(int)255');
  });

  test('what is const is not written', () => {
    expect(steps.readOnly.code).toBe('PROGRAM_TYPE');
  });

  test('farcall-agent call prints rows, warnings and why a program was skipped', async () => {
    const call = (program: string) => machine.run([machine.node, AGENT, 'call', program]);
    const rows = await call('for_each_task (t) if (t->pid < 3) report(t->comm, t->pid);');
    expect(rows).toMatchObject({ exitCode: 0, stderr: '' });
    expect(rows.stdout).toMatch(/^"\S+" +1\n"kthreadd" +2\n$/);
    const skipped = await call('report(1); long y = 5; int x = y; require(x == 1);');
    expect(skipped.exitCode).toBe(0);
    expect(skipped.stdout).toMatch(/^1\nskipped: line 1, column 35: this does not hold on this host\n/);
    expect(skipped.stderr).toMatch(/^warning: line 1, column 32: long is cut to int\n$/);
  });

  test('the kernel has nothing to complain of, and nothing is left in it', async () => {
    const log = await machine.output(['dmesg']);
    const fresh = log.startsWith(logBefore) ? log.slice(logBefore.length) : log;
    expect(fresh.split('\n').filter(line => TROUBLE.test(line))).toEqual([]);
    expect(await machine.output(['cat', '/proc/modules'])).not.toMatch(/^farcall/m);
  });
});
