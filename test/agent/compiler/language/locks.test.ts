import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyIr } from '../../../../agent/compiler/ir/index.ts';
import type { FarcallError } from '../../../../shared/errors/index.ts';
import { GccKernel, type ProgramRun } from '../support/gcc-kernel.ts';
import { canBuild, TEST_CPUS } from '../support/test-cpus.ts';

/**
 * Locks that notice when they are taken twice, given back twice or in another order. `rcu_depth` counts what
 * is held, `counter` what was taken, `rcu_faults` what was wrong.
 */
const LOCKS = `
struct mutex { int held; };
struct rw_semaphore { int held; };
typedef struct { int held; } raw_spinlock_t;
struct spinlock { union { raw_spinlock_t rlock; }; };
typedef struct spinlock spinlock_t;
typedef struct { int held, writer; } rwlock_t;
typedef unsigned int gfp_t;
struct mutex one, two, busy;
struct rw_semaphore sem;
spinlock_t spin;
spinlock_t typed_spin; rwlock_t typed_rw;
static void *stack[32];
static void take(int *held) { if (*held) rcu_faults++; *held = 1; stack[rcu_depth++] = held; counter++; }
static void give(int *held) { if (!*held || stack[--rcu_depth] != held) rcu_faults++; *held = 0; }
void mutex_lock(struct mutex *lock) { take(&lock->held); }
void mutex_unlock(struct mutex *lock) { give(&lock->held); }
int mutex_trylock(struct mutex *lock) { if (lock == &busy) return 0; take(&lock->held); return 1; }
int mutex_lock_interruptible(struct mutex *lock) { if (lock == &busy) return -4; take(&lock->held); return 0; }
void down_read(struct rw_semaphore *lock) { take(&lock->held); }
void up_read(struct rw_semaphore *lock) { give(&lock->held); }
unsigned long _raw_spin_lock_irqsave(raw_spinlock_t *lock) { take(&lock->held); return 0x1234567800000000ul + rcu_depth; }
void _raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags) {
  if (flags != 0x1234567800000000ul + rcu_depth) rcu_faults++;
  give(&lock->held);
}
void _raw_spin_lock(raw_spinlock_t *lock) { take(&lock->held); }
int rtnl;
void rtnl_lock(void) { take(&rtnl); }
void rtnl_unlock(void) { give(&rtnl); }
void msleep(int ms) {}
void *allocate(gfp_t flags) { return 0; }
`;

const DECLARED = `extern struct mutex one, two, busy; extern struct rw_semaphore sem; extern spinlock_t spin;
`;

const PROGRAMS: readonly (readonly [program: string, end: string, taken: number])[] = [
  ['guard(mutex)(&one); guard(mutex)(&two); twice(4)', 'returned', 2],
  ['guard(rwsem_read)(&sem); scoped_guard(mutex, &one) { twice(1); } guard(mutex)(&one);', 'returned', 3],
  ['{ guard(mutex)(&one); } guard(mutex)(&one); return 3;', 'returned', 2],
  ['guard(rtnl)(); require(twice(1) == 3);', 'skipped', 1],
  ['guard(mutex)(&one); *(int *)0', 'faulted', 1],
  ['guard(mutex)(&one); *(int *)0 = 1;', 'faulted', 1],
  ['guard(mutex)(&one); guard(spinlock_irqsave)(&spin); while (1);', 'faulted', 2],
  ['int zero = 0; guard(mutex)(&one); 7 / zero', 'faulted', 1],
  [
    'for (int i = 0; i < 4; i++) { guard(mutex)(&one); if (i == 1) continue; if (i == 2) break; }',
    'returned',
    3,
  ],
  ['int i = 0; again: { guard(mutex)(&one); guard(mutex)(&two); if (i++ < 3) goto again; }', 'returned', 8],
  ['{ guard(mutex)(&one); goto out; } out:; guard(mutex)(&one);', 'returned', 2],
  [
    'for (int i = 0; i < 3; i++) scoped_guard(mutex, &one) { guard(mutex)(&two); if (i == 1) break; }',
    'returned',
    6,
  ],
  [
    'switch (twice(1)) { case 2: { guard(mutex)(&one); break; } default: { guard(mutex)(&two); } }',
    'returned',
    1,
  ],
  ['struct mutex *m = 0; guard(mutex)(&one); guard(mutex)(m);', 'faulted', 1],
  ['struct mutex *m = &one; guard(mutex)(m); m = &two; { guard(mutex)(&busy); }', 'returned', 2],
  [
    'static int f(int x) { guard(mutex)(&two); if (x) return twice(x); require(x); return 0; } guard(mutex)(&one); f(2) + f(3)',
    'returned',
    3,
  ],
  [
    'static int h(void) { guard(spinlock_irqsave)(&spin); return *(int *)0; } static int f(void) { guard(mutex)(&two); return h(); } twice(1) == 3 ? h() : 0; guard(mutex)(&one); f()',
    'faulted',
    3,
  ],
  [
    'scoped_guard(mutex_try, &one) { twice(1); } scoped_guard(mutex_try, &busy) { *(int *)0; }',
    'returned',
    1,
  ],
  ['scoped_cond_guard(mutex_intr, return -4, &busy) { *(int *)0; }', 'returned', 0],
  ['scoped_cond_guard(mutex_intr, return -4, &one) { require(0); }', 'skipped', 1],
  ['scoped_cond_guard(mutex_try, , &busy) { *(int *)0; } guard(mutex)(&one);', 'returned', 1],
  ['guard(rcu)(); { guard(rcu)(); } rcu_read_lock(); *(int *)0', 'faulted', 0],
  ['for_each_task (t) { guard(mutex)(&one); if (t->pid == 21) return t->pid; }', 'returned', 3],
  ['guard(spinlock)(&spin); twice(2)', 'returned', 1],
  ['int guard = 3; guard = guard + 1; { guard(mutex)(&one); } guard', 'returned', 1],
  ['guard(irqsave)(); guard(irqsave)(); *(int *)0', 'faulted', 2],
];

describe.each(TEST_CPUS.filter(canBuild))('locks as scopes, $arch', cpu => {
  const kernel = new GccKernel(cpu, LOCKS);
  afterAll(() => kernel.close());

  const runs = new Map<string, ProgramRun>();
  beforeAll(() => {
    const all = kernel.run(PROGRAMS.map(([program]) => DECLARED + program));
    for (const [index, [program]] of PROGRAMS.entries()) runs.set(program, all[index]!);
  });

  test.each(PROGRAMS)('the program %s is %s, and gives back what it took', (program, end, taken) => {
    const run = runs.get(program);
    expect(run!.end.kind).toBe(end);
    const [depth, counted, faults] = [0, 16, 20].map(offset => run!.leftover.readInt32LE(offset));
    expect({ status: run!.status, depth, taken: counted, faults }).toEqual({
      status: 0,
      depth: 0,
      taken,
      faults: 0,
    });
  });

  test.each([
    [
      'rtnl_lock(); require(twice(1) == 3); rtnl_unlock();',
      /^line 2, column 1: 'rtnl_lock' may still be held when a condition does not hold \(line 2\); write guard\(rtnl\)/,
    ],
    [
      'mutex_lock(&one); int x = one.held; mutex_unlock(&one); x',
      /'mutex_lock' may still be held when a pointer is bad/,
    ],
    ['mutex_lock(&one); if (twice(1)) return 1; mutex_unlock(&one);', /when the program ends/],
    ['mutex_lock(&one); mutex_unlock(&two);', /'mutex_lock' may still be held/],
    ['static void f(void) { mutex_lock(&one); } f(); mutex_unlock(&one);', /when its function returns/],
    [
      'if (mutex_trylock(&one)) twice(1);',
      /'mutex_trylock' may still be held when the program ends; write guard\(mutex_try\)/,
    ],
    [
      'int x = mutex_trylock(&one); mutex_unlock(&one); if (x) twice(x + mutex_trylock(&one));',
      /when the program ends/,
    ],
    ['if (!mutex_trylock(&one)) mutex_unlock(&one);', /when the program ends/],
    ['if (mutex_lock_interruptible(&one)) mutex_unlock(&one);', /when the program ends/],
    [
      'for (int i = 0; i < 3; i++) { mutex_lock(&one); } mutex_unlock(&one);',
      /'mutex_lock' would wait forever|the fuel/,
    ],
    [
      'guard(mutex)(&one); guard(mutex)(&one);',
      /guard\(mutex\) would wait forever: guard\(mutex\) may hold this lock already \(line 2\)/,
    ],
    ['guard(mutex)(&one); mutex_lock(&one); mutex_unlock(&one);', /'mutex_lock' would wait forever/],
    ['guard(mutex)(&one); mutex_unlock(&one);', /'mutex_unlock' gives back what guard\(mutex\) holds/],
    [
      'guard(spinlock_irqsave)(&spin); msleep(1);',
      /'msleep' sleeps, which nothing may do while a spin lock is held \(guard\(spinlock_irqsave\), line 2\)/,
    ],
    ['guard(spinlock_irqsave)(&spin); guard(mutex)(&one);', /'mutex_lock' waits until the lock is free/],
    [
      'rcu_read_lock(); msleep(1); rcu_read_unlock();',
      /while an RCU read section runs \('rcu_read_lock', line 2\)/,
    ],
    ['guard(rcu)(); allocate(0xcc0);', /'allocate' may wait for memory with these flags/],
    ['static void f(void) { msleep(1); } guard(irqsave)(); f();', /while interrupts are off/],
    ['goto in; { guard(mutex)(&one); in: twice(1); }', /this goto would jump past guard\(mutex\)/],
    [
      'switch (twice(1)) { case 1:; guard(mutex)(&one); case 2: twice(1); }',
      /this switch would jump past guard\(mutex\)/,
    ],
    ['if (1) guard(mutex)(&one);', /for nothing; write scoped_guard\(mutex, …\)/],
    ['guard(mutex_try)(&one);', /'mutex_try' may not take the lock; write scoped_cond_guard/],
    ['scoped_cond_guard(mutex, return 1, &one) {}', /'mutex' always takes the lock/],
    ['guard(mutx)(&one);', /there is no guard 'mutx'; did you mean 'mutex'/],
    ['guard(mutex)();', /'mutex' needs a lock: guard\(mutex\)\(&…\), a struct mutex \*/],
    ['guard(mutex)(&spin);', /the lock of guard\(mutex\): /],
    ['guard(rcu)(&one);', /'rcu' takes no argument/],
    ['guard(rwsem_write)(&sem);', /'down_write' or 'up_write' only as a part of other functions/],
  ])('the program %s is refused', (program, message) => {
    let error: FarcallError | undefined;
    try {
      kernel.compiler.compile(DECLARED + program, 'farcall_test');
    } catch (thrown) {
      error = thrown as FarcallError;
    }
    expect(error?.message).toMatch(message);
    expect(error!.message.split('\n').length).toBeLessThanOrEqual(4);
  });

  test.each([
    ['mutex_lock(&one); twice(1); mutex_unlock(&one);'],
    ['if (mutex_trylock(&one)) mutex_unlock(&one);'],
    ['if (!mutex_trylock(&one)) return 1; twice(1); mutex_unlock(&one);'],
    ['if (mutex_trylock(&one) != 0) { twice(1); mutex_unlock(&one); } else twice(2);'],
    ['if (mutex_lock_interruptible(&one)) return 4; mutex_unlock(&one);'],
    ['if (mutex_lock_interruptible(&one) == 0) mutex_unlock(&one);'],
    ['struct mutex *m = &one; mutex_lock(m); twice(1); mutex_unlock(m);'],
    ['if (twice(1)) { mutex_lock(&one); mutex_unlock(&one); } else mutex_unlock(&one);'],
    ['{ guard(spinlock_irqsave)(&spin); twice(1); } msleep(1);'],
    ['guard(spinlock_irqsave)(&spin); allocate(0xa20);'],
    ['static void f(void) { msleep(1); } { guard(irqsave)(); } f();'],
    ['static void f(void) { twice(1); } { guard(irqsave)(); f(); } f(); msleep(1);'],
    ['rcu_read_lock(); rcu_read_unlock(); msleep(1);'],
    ...PROGRAMS.map(([program]) => [program]),
  ])('the program %s is compiled to IR that holds together', program => {
    verifyIr(kernel.compiler.compile(DECLARED + program!, 'farcall_test').ir);
  });

  test('a read that holds only RCU stays a read', () => {
    const effect = (program: string): string => kernel.compiler.compileWithoutModule(program, 'm').effect;
    expect(effect('guard(rcu)(); counter')).toBe('read');
    expect(effect(`${DECLARED}guard(mutex)(&one); counter`)).toBe('call');
    expect(effect('guard(preempt)(); counter')).toBe('call');
  });
});
