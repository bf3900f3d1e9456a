import { expect } from 'vitest';
import { type Case, cat, sh, value } from './case.ts';

const PANIC = 'extern int panic_timeout; ';

/** What the language has of its own: types, jumps, constants, atomic operations. */
export const LANGUAGE: readonly Case[] = [
  value(
    'calls',
    'int n = 0; again: n++; if (n < 3) goto again; switch (find_task(1)->pid) { case 1: return n; default: return 0; }',
    '(int)3',
  ),
  value(
    'calls',
    'struct out { u8 a; char name[8]; } o = { 5 }; snprintf(o.name, sizeof(o.name), "%d", 42); o',
    '(struct out){ .a = 5, .name = "42" }',
  ),
  value('calls', '#define ANSWER 42\nint_sqrt(ANSWER * ANSWER)', '(unsigned long)42'),
  value(
    'calls',
    '#define SQUARE(x) ({ typeof(x) _x = (x); _x * _x; })\n#if 1\nint_sqrt(SQUARE(6) + SQUARE(6))\n#else\n1\n#endif',
    '(unsigned long)8',
  ),
  value(
    'calls',
    'static unsigned long root(unsigned long x) { return x < 4 ? x : int_sqrt(x); } static long sum(int n) { long s = 0; for (int i = 0; i < n; i++) s += root(i * i); return s; } sum(4) + sum(3)',
    '(long)9',
  ),
  value(
    'calls',
    '#if __has_type(struct task_struct) && LINUX_VERSION_CODE >= KERNEL_VERSION(5, 10, 0)\nif (__has_symbol(no_such_symbol) || __has_member(struct task_struct, no_such)) return no_such_symbol(1);\n__has_member(struct task_struct, pid) + __has_parameters(int_sqrt, 1)\n#endif',
    '(int)2',
  ),
  value(
    'writes',
    `${PANIC}int was = panic_timeout; cmpxchg(&panic_timeout, was, 7) == was && xchg(&panic_timeout, was) == 7`,
    '(int)1',
  ),
  value(
    'writes',
    `${PANIC}__atomic_fetch_add(&panic_timeout, 3); __atomic_fetch_sub(&panic_timeout, 3) - panic_timeout`,
    '(int)3',
  ),
  {
    area: 'calls',
    title: 'char is signed where the kernel was built so: for x86-64 before 6.2',
    steps: { it: "'\\xff'", release: cat('/proc/sys/kernel/osrelease'), arch: sh('uname -m') },
    check(got) {
      const [major = 0, minor = 0] = got.output('release').split('.').map(Number);
      const isSigned = got.output('arch') === 'x86_64' && (major < 6 || (major === 6 && minor < 2));
      expect(got.text('it')).toBe(isSigned ? '(int)-1' : '(int)255');
    },
  },
];
