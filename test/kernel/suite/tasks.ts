import { expect } from 'vitest';
import { type Case, cat, sameAsFile, sh, value } from './case.ts';

const INIT = 'extern struct task_struct init_task; ';
const DECLARE_TASK = 'struct task_struct *t = find_task(1); ';

/** /proc/PID/stat of process 1, whose fields are counted from 1 (proc(5)); its name has no space. */
function statOfInit(fields: Readonly<Record<number, string>>): Case {
  return {
    area: 'reads',
    title: `fields ${Object.keys(fields).join(', ')} of /proc/1/stat`,
    steps: {
      it: `${DECLARE_TASK}report(${Object.values(fields).join(', ')});`,
      file: cat('/proc/1/stat'),
    },
    check(got) {
      const cells = got.table('file')[0]!;
      const expected = Object.keys(fields).map(field => cells[Number(field) - 1]);
      expect(got.rows('it')).toEqual([expected]);
    },
  };
}

/** A program on process 1 against a field of its /proc/1/status. */
function statusOfInit(field: string, program: string, plainOf: (text: string) => string): Case {
  return {
    area: 'reads',
    title: `${field} of /proc/1/status`,
    steps: { it: DECLARE_TASK + program, file: sh(`sed -n 's/^${field}:[[:space:]]*//p' /proc/1/status`) },
    check: got => expect(got.plain('it')).toBe(plainOf(got.output('file'))),
  };
}

const first = (text: string): string => text.split(/\s+/)[0]!;
const hex = (text: string): string => String(BigInt(`0x${text}`));

/** Processes, against what /proc says of them. */
export const PROCESSES: readonly Case[] = [
  {
    area: 'reads',
    title: 'for_each_task sees the tasks that /proc shows',
    steps: {
      before: sh('ls /proc | grep "^[0-9]"'),
      it: 'for_each_task (t) report(t->pid, t->comm, t->tgid);',
      after: sh("cd /proc && grep -sH '' [0-9]*/comm"),
    },
    check(got) {
      const rows = got.rows('it');
      const seen = new Map(rows.map(([pid, comm]) => [pid, comm]));
      expect(seen.size).toBe(rows.length);
      const before = new Set(got.output('before').split('\n'));
      const after = got
        .output('after')
        .split('\n')
        .map(line => line.split(/\/comm:(.*)/) as [pid: string, name: string])
        .filter(([pid]) => before.has(pid));
      expect(after.length).toBeGreaterThan(20);
      // /proc adds what a worker works on to its name, and kernel threads may have longer names there.
      for (const [pid, name] of after)
        expect(name.startsWith((seen.get(pid) ?? '?').replace(/\+.*/, '')), `${pid} ${name}`).toBe(true);
    },
  },
  statOfInit({ 1: 't->pid', 4: 't->real_parent->tgid', 18: 't->prio - 100', 19: 't->static_prio - 120' }),
  statOfInit({ 9: 't->flags', 20: 't->signal->nr_threads', 22: 't->start_boottime / 10000000' }),
  statOfInit({
    26: 't->mm->start_code',
    27: 't->mm->end_code',
    28: 't->mm->start_stack',
    45: 't->mm->start_data',
    47: 't->mm->start_brk',
    48: 't->mm->arg_start',
  }),
  statusOfInit('VmSize', 't->mm->total_vm * $PAGE_KIB', first),
  statusOfInit('Uid', 't->cred->uid.val', first),
  statusOfInit('SigBlk', 't->blocked.sig[0]', hex),
  statusOfInit(
    'SigIgn',
    'unsigned long s = 0; for (int i = 0; i < 64; i++) if ((long)t->sighand->action[i].sa.sa_handler == 1) s |= 1UL << i; s',
    hex,
  ),
  statusOfInit('Cpus_allowed', 't->cpus_mask.bits[0] & 1', hex),
  {
    area: 'reads',
    title: 'open files of process 1 are /proc/1/fd',
    steps: {
      it: `${DECLARE_TASK}struct fdtable *f = t->files->fdt; for (int i = 0; i < 64; i++) if (f->open_fds[0] >> i & 1) report(i);`,
      // Without a command, because process 1 has more files open while it runs one.
      files: cat('/proc/1/fd'),
    },
    check: got =>
      expect(got.rows('it').flat()).toEqual(
        got
          .output('files')
          .split('\n')
          .sort((a, b) => Number(a) - Number(b)),
      ),
  },
  {
    area: 'reads',
    title: 'limits of process 1 are /proc/1/limits',
    steps: {
      it: `${DECLARE_TASK}report(t->signal->rlim[7].rlim_cur, t->signal->rlim[7].rlim_max);`,
      file: sh("sed -n 's/^Max open files *//p' /proc/1/limits"),
    },
    check: got => expect(got.rows('it')).toEqual([got.table('file')[0]!.slice(0, 2)]),
  },
  sameAsFile('find_task(1)->comm', '/proc/1/comm'),
  sameAsFile('find_task(2)->comm', '/proc/2/comm'),
];

/** How tasks are found, held and given back. */
export const TASKS: readonly Case[] = [
  value('tasks', `${INIT}init_task.comm`, /^"swapper/),
  value('tasks', `${INIT}init_task.pid + init_task.prio`, '(int)120'),
  value('tasks', `${DECLARE_TASK}t->tgid * 100 + t->real_parent->pid`, '(int)100'),
  value('tasks', 'find_task(2)->real_parent->pid', '(pid_t)0'),
  value('tasks', 'container_of(&find_task(1)->tasks, struct task_struct, tasks)->pid', /\)1$/),
  value('tasks', 'struct task_struct *t = find_task(2); (t->flags & 0x00200000) != 0', '(int)1'),
  value(
    'tasks',
    'rcu_read_lock(); int pid = find_task(1)->real_parent->pid; rcu_read_unlock(); pid',
    '(int)0',
  ),
  value('tasks', 'int n = 0; for_each_task (t) if (t->pid == 1 || t->pid == 2) n += t->pid; n', '(int)3'),
  // The task is held, and lives on until it is given back.
  value(
    'tasks',
    'struct task_struct *t = find_task($CHILD); send_sig(9, t, 1); msleep(300); t->usage.refs.counter * 1000 + t->exit_state',
    /^\(int\)\d0(16|32)$/,
  ),
  value('tasks', 'for_each_task (t) if (t->pid == 2) return t->pid;', /\)2$/),
  value('tasks', 'for_each_task (t) { if (t->pid == 2) break; msleep(2); }', '(void)'),
  value(
    'tasks',
    'int n = 0; for_each_task (t) { for_each_task (u) { n++; if (u->pid > 2) break; } if (n > 8) break; } n > 8',
    '(int)1',
  ),
  value('tasks', 'int n = 0; for_each_task (t) if (t->pid < 3) n += t->pid; n', '(int)3', { by: 'agent' }),
  {
    area: 'tasks',
    title: 'tasks are seen under RCU, too',
    steps: {
      it: `${INIT}struct task_struct *p; int n = 0; rcu_read_lock(); list_for_each_entry(p, &init_task.tasks, tasks) n++; rcu_read_unlock(); n`,
      processes: sh('ls /proc | grep -c "^[0-9]"'),
    },
    check: got =>
      expect(Math.abs(Number(got.integer('it')) - Number(got.output('processes')))).toBeLessThan(10),
  },
];
