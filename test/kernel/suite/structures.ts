import { expect } from 'vitest';
import { type Case, cat, sh, value } from './case.ts';

const UTS = 'extern struct uts_namespace init_uts_ns; ';
const PANIC = 'extern int panic_timeout; ';
const RTC = { needs: [{ symbol: 'rtc_ktime_to_tm' }] } as const;
const NS = 'auto ns = (struct user_namespace *)&init_user_ns; ';

/** Structures as values, in memory and through pointers. */
export const STRUCTURES: readonly Case[] = [
  value('structures', 'make_kuid((struct user_namespace *)&init_user_ns, 77)', '(kuid_t){ .val = 77 }'),
  value(
    'structures',
    `${NS}from_kuid(ns, make_kuid(ns, 1000)) + from_kgid(ns, make_kgid(ns, 7))`,
    /^\((uid_t|unsigned int)\)1007$/,
  ),
  value('structures', `${NS}from_kuid(ns, make_kuid(ns, 9))`, /^\(uid_t\)9$/),
  value(
    'structures',
    'ns_to_timespec64(1500000000)',
    '(struct timespec64){ .tv_sec = 1, .tv_nsec = 500000000 }',
  ),
  value('structures', 'ns_to_timespec64(-1).tv_nsec', '(long)999999999'),
  value(
    'structures',
    'timespec64_add_safe(ns_to_timespec64(1700000000), (struct timespec64){ .tv_sec = 2, .tv_nsec = 600000000 })',
    '(struct timespec64){ .tv_sec = 4, .tv_nsec = 300000000 }',
  ),
  value(
    'structures',
    'extern struct rtc_time rtc_ktime_to_tm(ktime_t); rtc_ktime_to_tm(90061000000000)',
    /^\(struct rtc_time\)\{ \.tm_sec = 1, \.tm_min = 1, \.tm_hour = 1, \.tm_mday = 2, \.tm_mon = 0, \.tm_year = 70,/,
    RTC,
  ),
  value(
    'structures',
    'extern struct rtc_time rtc_ktime_to_tm(ktime_t); extern ktime_t rtc_tm_to_ktime(struct rtc_time); rtc_tm_to_ktime(rtc_ktime_to_tm(1234000000000))',
    '(ktime_t)1234000000000',
    RTC,
  ),
  value('structures', 'int x = 0; int r = kstrtoint("-42", 10, &x); x * 1000 + r', '(int)-42000'),
  value('structures', 'int x = 5; kstrtoint("4z", 10, &x)', '(int)-22 /* -EINVAL */'),
  value(
    'structures',
    'struct timespec64 ts = {}; set_normalized_timespec64(&ts, 1, 1500000000); ts',
    '(struct timespec64){ .tv_sec = 2, .tv_nsec = 500000000 }',
  ),
  value(
    'structures',
    'struct timespec64 t = { .tv_sec = 2, .tv_nsec = 5 }; set_normalized_timespec64(&t, 3, 2000000000); t',
    /tv_sec = 5, .tv_nsec = 0/,
  ),
  value('structures', 'struct tm tm = {}; time64_to_tm(365 * 86400, 0, &tm); tm.tm_year', '(long)71'),
  value('structures', 'char text[16] = ""; snprintf(text, sizeof text, "%d-%s", 7, "x"); text', '"7-x"'),
  value(
    'structures',
    `${UTS}init_uts_ns.name`,
    /^\(struct new_utsname\)\{ \.sysname = "Linux", \.nodename = "/,
  ),
  value('structures', `${UTS}(const char *)init_uts_ns.name.sysname`, '(const char *)"Linux"'),
  value('structures', 'per_cpu(runqueues, 0).cpu', '(int)0'),
  value('structures', 'per_cpu(runqueues, 0).idle->comm', '"swapper/0"'),
  value('structures', 'extern enum system_states system_state; system_state', /SYSTEM_RUNNING \/\* \d \*\/$/),
  value(
    'structures',
    'extern struct task_struct init_task; struct path p = {}; int e = kern_path("/", 1, &p); if (!e) path_put(&p); e',
    '(int)0',
  ),
];

/** Writes that everybody sees afterwards. */
export const WRITES: readonly Case[] = [
  {
    area: 'writes',
    title: 'a letter of the host name',
    steps: {
      before: cat('/proc/sys/kernel/hostname'),
      write: `${UTS}init_uts_ns.name.nodename[0] += 1;`,
      after: cat('/proc/sys/kernel/hostname'),
      writeBack: `${UTS}init_uts_ns.name.nodename[0] -= 1;`,
      afterBack: cat('/proc/sys/kernel/hostname'),
    },
    check(got) {
      const before = got.output('before');
      expect([got.text('write'), got.text('writeBack')]).toEqual(['(char)104', '(char)103']);
      expect(got.output('after')).toBe(String.fromCharCode(before.charCodeAt(0) + 1) + before.slice(1));
      expect(got.output('afterBack')).toBe(before);
    },
  },
  {
    area: 'writes',
    title: 'compare-and-set through require',
    steps: {
      set: `${PANIC}require(panic_timeout != 7); panic_timeout = 7;`,
      again: `${PANIC}require(panic_timeout != 7); panic_timeout = 8;`,
      file: cat('/proc/sys/kernel/panic'),
      reset: `${PANIC}panic_timeout = -1`,
      resetFile: cat('/proc/sys/kernel/panic'),
    },
    check(got) {
      expect([got.result('set').outcome, got.result('again').outcome]).toEqual(['returned', 'skipped']);
      expect([got.output('file'), got.output('resetFile')]).toEqual(['7', '-1']);
      expect(got.text('reset')).toBe('(int)-1');
    },
  },
  {
    area: 'writes',
    title: 'bit fields are read and written where the kernel has them',
    steps: {
      before: 'find_task(1)->sched_reset_on_fork',
      set: sh('/usr/bin/chrt --reset-on-fork --other -p 0 1'),
      after: 'find_task(1)->sched_reset_on_fork',
      clear: 'find_task(1)->sched_reset_on_fork = 0;',
      cleared: sh('/usr/bin/chrt -p 1'),
      write: 'find_task(1)->sched_reset_on_fork = 1;',
      written: sh('/usr/bin/chrt -p 1'),
      clearAgain: 'find_task(1)->sched_reset_on_fork = 0;',
    },
    check(got) {
      expect([got.text('before'), got.text('after')]).toEqual(['(unsigned int)0', '(unsigned int)1']);
      expect(got.output('cleared')).not.toMatch(/RESET_ON_FORK/);
      expect(got.output('written')).toMatch(/RESET_ON_FORK/);
    },
  },
  value(
    'writes',
    `${UTS}char old = init_uts_ns.name.domainname[0]; init_uts_ns.name.domainname[0] = 'x'; char now = init_uts_ns.name.domainname[0]; init_uts_ns.name.domainname[0] = old; now`,
    '(char)120',
  ),
  value(
    'writes',
    'struct task_struct *t = find_task(2); unsigned before = t->sched_reset_on_fork; t->sched_reset_on_fork = !before; unsigned after = t->sched_reset_on_fork; t->sched_reset_on_fork = before; before + after * 2 + t->sched_reset_on_fork * 4',
    '(unsigned int)2',
  ),
];
