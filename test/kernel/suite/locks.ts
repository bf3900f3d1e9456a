import { expect } from 'vitest';
import type { Case } from './case.ts';

/** Both locks are free: a program that takes them itself says so. */
const FREE = 'int one = rtnl_is_locked(); guard(rwsem_write)(&find_task(1)->mm->mmap_lock); one';

const SEM = 'struct task_struct *t = find_task(1); struct rw_semaphore *sem = &t->mm->mmap_lock; ';
const BOTH = `${SEM}guard(rtnl)(); guard(rwsem_write)(sem); `;

/** A program that ends as it is said, and has held its locks until then. */
function givenBack(program: string, outcome: string): Case {
  return {
    area: 'ends',
    title: `${program} gives its locks back`,
    steps: { it: program, after: FREE },
    check(got) {
      expect(got.result('it').outcome, got.result('it').message).toBe(outcome);
      expect(got.text('after')).toBe('(int)0');
    },
  };
}

const held = (program: string, text: string): Case => ({
  area: 'ends',
  title: `${program} holds its lock, and gives it back`,
  steps: { it: program, after: FREE },
  check(got) {
    expect(got.text('it')).toBe(text);
    expect(got.text('after')).toBe('(int)0');
  },
});

/** Locks as scopes: held inside, and free behind each way out. */
export const LOCKS: readonly Case[] = [
  held('guard(rtnl)(); rtnl_is_locked()', '(int)1'),
  held('int n = 0; { guard(rtnl)(); n = rtnl_is_locked(); } n * 10 + rtnl_is_locked()', '(int)10'),
  held(`${SEM}guard(rwsem_write)(sem); sem->count.counter & 1`, '(long long)1'),
  held(`${SEM}guard(rwsem_read)(sem); (sem->count.counter >> 8) & 1`, '(long long)1'),
  held(
    `int n = 0; for (int i = 0; i < 9; i++) { guard(rtnl)(); n += rtnl_is_locked(); if (i == 3) break; } n`,
    '(int)4',
  ),
  held('static int f(void) { guard(rtnl)(); return rtnl_is_locked(); } f() + f()', '(int)2'),
  held('int i = 0; again: { guard(rtnl)(); if (i++ < 3) goto again; } i', '(int)4'),
  givenBack(`${BOTH}require(!rtnl_is_locked());`, 'skipped'),
  givenBack(`${BOTH}*(int *)8`, 'faulted'),
  givenBack(`${BOTH}*(int *)8 = 1;`, 'faulted'),
  givenBack(`${BOTH}while (1);`, 'faulted'),
  givenBack(`int zero = 0; ${BOTH}7 / zero`, 'faulted'),
  givenBack(
    `static int f(struct rw_semaphore *s) { guard(rwsem_write)(s); return *(int *)8; } ${SEM}guard(rtnl)(); f(sem)`,
    'faulted',
  ),
  givenBack(`guard(rtnl)(); guard(rwsem_read)((struct rw_semaphore *)8);`, 'faulted'),
  givenBack(`scoped_cond_guard(rtnl_try, return) { require(0); }`, 'skipped'),
];
