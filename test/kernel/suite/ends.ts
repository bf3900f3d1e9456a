import { type Case, ends } from './case.ts';

/** Programs that do not return: nothing oopses, and nothing is held afterwards. */
export const ENDS: readonly Case[] = [
  ends('require(find_task(2)->pid == 3); msleep(1)', 'skipped', /line 1, column 1: /),
  ends('find_task(4000000)', 'skipped', /no such task/),
  ends('struct task_struct *t = find_task(1); require(t->pid == 2); t->pid = 3;', 'skipped', /does not hold/),
  ends('while (1);', 'faulted', /10000000 times/),
  ends(
    'struct task_struct *t = (struct task_struct *)0;\nt->pid',
    'faulted',
    /^line 2, .* at 0x[0-9a-f]{2,4}\n/,
  ),
  ends('*(int *)0xdead000000000100', 'faulted', /at 0xdead000000000100/),
  ends('*(int *)8', 'faulted', /no memory for this access at 0x8/),
  ends('*(int *)8 = 1', 'faulted', /at 0x8\n/),
  ends('*(long *)0xdead000000000000 = 1', 'faulted', /at 0xdead000000000000/),
  // read-only memory
  ends(
    "extern char linux_banner[];\nlinux_banner[0] = 'x'",
    'faulted',
    /^line 2, .* at 0xffff[0-9a-f]{12}\n/,
  ),
  ends('*(char *)&nr_processes = 1', 'faulted', /no memory for this access at 0xffff[0-9a-f]{12}\n/),
  ends('*(char *)&linux_banner = 1', 'faulted', /at 0xffff[0-9a-f]{12}\n/),
  ends(
    '((struct task_struct *)((long)&nr_processes & ~15L))->sched_reset_on_fork = 1',
    'faulted',
    /at 0xffff[0-9a-f]{12}\n/,
  ),
  ends('int zero = 0; 7 / zero', 'faulted', /division by zero/),
  ends('rcu_read_lock(); *(int *)0', 'faulted', /at 0x0/),
  ends('rcu_read_lock(); while (1);', 'faulted', /times in total/),
  ends('rcu_read_lock(); rcu_read_lock(); require(0)', 'skipped', /column/),
  // with tasks held
  ends('for_each_task (t) require(t->pid != 2);', 'skipped', /column/),
  ends('for_each_task (t) if (t->pid == 2) *(int *)0 = 1;', 'faulted', /at 0x0/),
  ends('for_each_task (t) if (t->pid == 2) while (1);', 'faulted', /times in total/),
  ends('for_each_task (t) { find_task(1); *(int *)0; }', 'faulted', /at 0x0/),
  ends('int zero = 0; find_task(2)->pid / zero', 'faulted', /division/),
];
