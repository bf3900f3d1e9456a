import { afterAll, describe, expect, test } from 'vitest';
import { GccKernel } from '../support/gcc-kernel.ts';
import { canBuild, TEST_CPUS } from '../support/test-cpus.ts';

/** Reader locks as a kernel has them, that count what is held where the rest of the stand-in looks for it. */
const LOCKS = `
typedef struct { int readers, writer; } rwlock_t;
rwlock_t typed;
void preempt_schedule(void) {}
void _raw_read_lock(rwlock_t *lock) { lock->readers++; rcu_depth++; }
void _raw_read_unlock(rwlock_t *lock) { if (lock->readers-- <= 0) rcu_faults++; rcu_depth--; }
`;
const HIDDEN = ['__rcu_read_lock', '__rcu_read_unlock'];

describe.each(TEST_CPUS.filter(canBuild))('a kernel that can be preempted under RCU, $arch', cpu => {
  const kernel = new GccKernel(cpu, LOCKS, HIDDEN);
  const larger = new GccKernel(cpu, LOCKS.replace('writer;', 'writer, magic;'), HIDDEN);
  afterAll(() => {
    kernel.close();
    larger.close();
  });

  test.each([
    ['int n = 0; for_each_task (t) n++; n', 'returned'],
    ['rcu_read_lock(); rcu_read_lock(); int pid = tasks[1].pid; rcu_read_unlock(); pid', 'returned'],
    ['rcu_read_lock(); *(int *)0', 'faulted'],
    ['for_each_task (t) for_each_task (u) if (u->pid > 5) return u->pid;', 'returned'],
  ])('the program %s holds a reader lock, and gives it back', (program, kind) => {
    const [run] = kernel.run([program]);
    expect(run!.end.kind).toBe(kind);
    const [depth, faults] = [0, 20].map(offset => run!.leftover.readInt32LE(offset));
    expect([run!.status, depth, faults]).toEqual([0, 0, 0]);
  });

  test('a lock that holds more than zeros when it is free is refused', () => {
    expect(() => larger.compiler.compile('rcu_read_lock()', 'farcall_test')).toThrow(/and a plain rwlock_t/);
  });
});
