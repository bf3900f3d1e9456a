import { beforeAll, describe, expect, test } from 'vitest';
import { type KernelSeries, type Machine, sharedMachine } from './machine/index.ts';
import { type ProgramResults, runPrograms } from './support/programs-in-guest.ts';

const SERIES: readonly KernelSeries[] = ['5.10', '6.1', '6.12', '7.2'];

const UTS = 'extern struct uts_namespace init_uts_ns;';
const INIT = 'extern struct task_struct init_task;';

/** Programs over a kernel's own structures, and the text of their values. */
const VALUES: readonly (readonly [program: string, text: string | RegExp])[] = [
  // reads
  [`${INIT} init_task.comm`, '"swapper/0"'],
  [`${INIT} init_task.pid + init_task.prio`, '(int)120'],
  [`${UTS} init_uts_ns.name.sysname`, '"Linux"'],
  [`${UTS} (const char *)init_uts_ns.name.sysname`, '(const char *)"Linux"'],
  ['find_task(1)->comm', /^"/],
  ['struct task_struct *t = find_task(1); t->pid * 10 + t->tgid', /^\((int|pid_t)\)11$/],
  ['find_task(2)->real_parent->pid', '(pid_t)0'],
  ['find_task(2)->comm', '"kthreadd"'],
  [`${INIT} struct path p = {}; int e = kern_path("/", 1, &p); if (!e) path_put(&p); e`, '(int)0'],
  // 5.10 has no type of it in its BTF.
  ['extern struct rq runqueues; per_cpu(runqueues, 0).cpu', '(int)0'],
  ['int n = 0; for_each_task (t) if (t->pid == 1 || t->pid == 2) n += t->pid; n', '(int)3'],
  [
    'extern struct list_head modules; struct module *m; int n = 0; list_for_each_entry(m, &modules, list) n++; n > 0',
    '(int)1',
  ],
  ['struct task_struct *t = find_task(2); (t->flags & 0x00200000) != 0', '(int)1'],
  ['rcu_read_lock(); int pid = find_task(1)->real_parent->pid; rcu_read_unlock(); pid', '(int)0'],
  // structures by value
  ['make_kuid(find_task(1)->cred->user_ns, 7)', '(kuid_t){ .val = 7 }'],
  ['from_kuid(find_task(1)->cred->user_ns, make_kuid(find_task(1)->cred->user_ns, 9))', /^\(uid_t\)9$/],
  ['ns_to_timespec64(1500000000)', '(struct timespec64){ .tv_sec = 1, .tv_nsec = 500000000 }'],
  [
    'struct timespec64 t = { .tv_sec = 2, .tv_nsec = 5 }; set_normalized_timespec64(&t, 3, 2000000000); t',
    /tv_sec = 5, .tv_nsec = 0/,
  ],
  // writes
  [
    `${UTS} char old = init_uts_ns.name.domainname[0]; init_uts_ns.name.domainname[0] = 'x'; char now = init_uts_ns.name.domainname[0]; init_uts_ns.name.domainname[0] = old; now`,
    '(char)120',
  ],
  [
    'struct task_struct *t = find_task(2); unsigned before = t->sched_reset_on_fork; t->sched_reset_on_fork = !before; unsigned after = t->sched_reset_on_fork; t->sched_reset_on_fork = before; before + after * 2 + t->sched_reset_on_fork * 4',
    /^\(unsigned int\)2$/,
  ],
  // through pointers
  [
    'int (*f)(const char *, const char *) = (int (*)(const char *, const char *))&strcmp; f("a", "a")',
    '(int)0',
  ],
];

/** Programs that end early: nothing oopses, and nothing is held afterwards. */
const ENDS: readonly (readonly [program: string, outcome: string, message: RegExp])[] = [
  ['*(int *)8', 'faulted', /no memory for this at 0x8/],
  ['*(int *)8 = 1', 'faulted', /at 0x8/],
  ['*(long *)0xdead000000000000 = 1', 'faulted', /at 0xdead000000000000/],
  ['*(char *)&nr_processes = 1', 'faulted', /no memory for this at 0xffffffff/],
  ['*(char *)&linux_banner = 1', 'faulted', /at 0xffffffff/],
  [
    '((struct task_struct *)((long)&nr_processes & ~15L))->sched_reset_on_fork = 1',
    'faulted',
    /at 0xffffffff/,
  ],
  ['rcu_read_lock(); *(int *)0', 'faulted', /at 0x0/],
  ['rcu_read_lock(); while (1);', 'faulted', /turns/],
  ['for_each_task (t) { find_task(1); *(int *)0; }', 'faulted', /at 0x0/],
  ['find_task(99999999)', 'skipped', /no such task/],
  ['struct task_struct *t = find_task(1); require(t->pid == 2); t->pid = 3;', 'skipped', /does not hold/],
];

describe.each(SERIES)('Linux %s', series => {
  let machine: Machine;
  let values: ProgramResults;
  let ends: ProgramResults;

  beforeAll(async () => {
    machine = await sharedMachine(series);
    const programs = [...VALUES, ...ENDS].map(([program]) => program);
    const all = await runPrograms(machine, programs);
    values = { ...all, results: all.results.slice(0, VALUES.length) };
    ends = { ...all, results: all.results.slice(VALUES.length) };
  });

  test.each(VALUES.map((row, index) => [row[0], index, row[1]] as const))('%s', (_, index, text) => {
    const result = values.results[index]!;
    expect(result, JSON.stringify(result)).toMatchObject({ outcome: 'returned' });
    if (typeof text === 'string') expect(result.value!.text).toBe(text);
    else expect(result.value!.text).toMatch(text);
  });

  test.each(ENDS.map((row, index) => [row[0], index, row[1], row[2]] as const))(
    '%s',
    (_, index, outcome, message) => {
      const result = ends.results[index]!;
      expect(result, JSON.stringify(result)).toMatchObject({ outcome });
      expect(result.error!.message).toMatch(message);
    },
  );

  test('nothing of it oopsed', () => {
    const log = [...values.results, ...ends.results].flatMap(({ kernelLog = [] }) => kernelLog).join('\n');
    expect(log).not.toMatch(/BUG|Oops|WARNING|scheduling while atomic|RCU/);
  });

  test('tasks are those that /proc lists', async () => {
    const { results } = await runPrograms(machine, [
      'for_each_task (t) if (t->pid == t->tgid) report(t->pid, t->comm);',
    ]);
    const rows = results[0]!.rows!;
    const pids = rows.map(({ values }) => Number(values[0]!.integer));
    const listing = await machine.output(['ls', '/proc']);
    const listed = listing
      .split(/\s+/)
      .filter(name => /^\d+$/.test(name))
      .map(Number);
    // Some come and go between the two.
    const both = listed.filter(pid => pids.includes(pid));
    expect(both.length).toBeGreaterThan(Math.min(20, listed.length - 10));
    expect(rows.find(({ values }) => values[0]!.integer === '2')!.values[1]!.string).toBe('kthreadd');
  });
});
