/** A way to take a lock and to give it back: two functions of the kernel. */
export interface LockFunctions {
  readonly take: string;
  readonly give: string;
  /** Whether `give` takes what `take` gave as a further argument: the interrupt flags, or an index. */
  readonly keeps?: boolean;
}

/** A lock that programs take as a scope. */
export interface LockKind {
  /** As in `guard(name)`; kernels have the same names (include/linux/mutex.h, v6.12, and others). */
  readonly name: string;
  /** The type that the argument points to; undefined where there is no argument. */
  readonly argument?: string;
  /** The first of these of which the kernel has both functions is used. */
  readonly ways: readonly LockFunctions[];
  /** When the lock was taken, by what `take` gives; it is always taken where nothing is said. */
  readonly takenIf?: 'not-zero' | 'zero';
  /** What holds while it is held, where nothing may sleep then: the end of "… while …". */
  readonly atomic?: string;
  /** Locks of one family are the same lock, and may not be taken while it is held. */
  readonly family?: string;
  /** Members of the type that the kernel must have for the functions to fit. */
  readonly needsMember?: string;
  /** The lock is the program's own: it only keeps what comes with holding it. */
  readonly isOwn?: boolean;
}

const SPINNING = 'a spin lock is held';

const plain = (take: string, give: string): LockFunctions => ({ take, give });
const keeping = (take: string, give: string): LockFunctions => ({ take, give, keeps: true });

const SPIN_SAVING = keeping('_raw_spin_lock_irqsave', '_raw_spin_unlock_irqrestore');
const READ_SAVING = keeping('_raw_read_lock_irqsave', '_raw_read_unlock_irqrestore');
const WRITE_SAVING = keeping('_raw_write_lock_irqsave', '_raw_write_unlock_irqrestore');

/**
 * The spin locks of one type. Kernels that can not be preempted may have some of the functions inline only
 * (kernel/Kconfig.locks, v6.12): 5.10 for amd64 has no `_raw_spin_unlock`. Where the kernel has none that
 * gives the lock back in the same way, interrupts stay off meanwhile as well, which is more than was asked
 * for.
 */
function spinLocks(name: string, argument: string, needsMember?: string): LockKind[] {
  const shared = {
    argument,
    atomic: SPINNING,
    family: 'spin',
    ...(needsMember === undefined ? {} : { needsMember }),
  };
  const unlock = plain('_raw_spin_lock', '_raw_spin_unlock');
  return [
    { name, ways: [unlock, SPIN_SAVING], ...shared },
    {
      name: `${name}_try`,
      ways: [plain('_raw_spin_trylock', '_raw_spin_unlock')],
      takenIf: 'not-zero',
      ...shared,
    },
    {
      name: `${name}_irq`,
      ways: [plain('_raw_spin_lock_irq', '_raw_spin_unlock_irq'), SPIN_SAVING],
      ...shared,
    },
    { name: `${name}_irqsave`, ways: [SPIN_SAVING], ...shared },
    { name: `${name}_bh`, ways: [plain('_raw_spin_lock_bh', '_raw_spin_unlock_bh')], ...shared },
    {
      name: `${name}_bh_try`,
      ways: [plain('_raw_spin_trylock_bh', '_raw_spin_unlock_bh')],
      takenIf: 'not-zero',
      ...shared,
    },
  ];
}

function readerWriterLocks(side: 'read' | 'write', saving: LockFunctions): LockKind[] {
  const shared = { argument: 'rwlock_t', atomic: SPINNING, family: 'rwlock' };
  const way = (suffix: string): LockFunctions =>
    plain(`_raw_${side}_lock${suffix}`, `_raw_${side}_unlock${suffix}`);
  return [
    { name: `${side}_lock`, ways: [way(''), saving], ...shared },
    { name: `${side}_lock_irq`, ways: [way('_irq'), saving], ...shared },
    { name: `${side}_lock_irqsave`, ways: [saving], ...shared },
    { name: `${side}_lock_bh`, ways: [way('_bh')], ...shared },
  ];
}

const MUTEX = { argument: 'struct mutex', family: 'mutex' };
const RWSEM = { argument: 'struct rw_semaphore', family: 'rwsem' };

/** Every lock that `guard` knows, but for `rcu`, which reads may take as well. */
export const LOCK_KINDS: readonly LockKind[] = [
  { name: 'mutex', ways: [plain('mutex_lock', 'mutex_unlock')], ...MUTEX },
  { name: 'mutex_try', ways: [plain('mutex_trylock', 'mutex_unlock')], takenIf: 'not-zero', ...MUTEX },
  {
    name: 'mutex_intr',
    ways: [plain('mutex_lock_interruptible', 'mutex_unlock')],
    takenIf: 'zero',
    ...MUTEX,
  },
  { name: 'mutex_kill', ways: [plain('mutex_lock_killable', 'mutex_unlock')], takenIf: 'zero', ...MUTEX },
  { name: 'rwsem_read', ways: [plain('down_read', 'up_read')], ...RWSEM },
  { name: 'rwsem_read_try', ways: [plain('down_read_trylock', 'up_read')], takenIf: 'not-zero', ...RWSEM },
  { name: 'rwsem_read_intr', ways: [plain('down_read_interruptible', 'up_read')], takenIf: 'zero', ...RWSEM },
  { name: 'rwsem_read_kill', ways: [plain('down_read_killable', 'up_read')], takenIf: 'zero', ...RWSEM },
  { name: 'rwsem_write', ways: [plain('down_write', 'up_write')], ...RWSEM },
  { name: 'rwsem_write_try', ways: [plain('down_write_trylock', 'up_write')], takenIf: 'not-zero', ...RWSEM },
  { name: 'rwsem_write_kill', ways: [plain('down_write_killable', 'up_write')], takenIf: 'zero', ...RWSEM },
  // A spinlock_t of PREEMPT_RT is another lock, and has no `rlock`.
  ...spinLocks('spinlock', 'spinlock_t', 'rlock'),
  ...spinLocks('raw_spinlock', 'raw_spinlock_t'),
  ...readerWriterLocks('read', READ_SAVING),
  ...readerWriterLocks('write', WRITE_SAVING),
  { name: 'srcu', argument: 'struct srcu_struct', ways: [keeping('__srcu_read_lock', '__srcu_read_unlock')] },
  { name: 'rtnl', ways: [plain('rtnl_lock', 'rtnl_unlock')], family: 'rtnl' },
  { name: 'rtnl_try', ways: [plain('rtnl_trylock', 'rtnl_unlock')], takenIf: 'not-zero', family: 'rtnl' },
  { name: 'cpus_read_lock', ways: [plain('cpus_read_lock', 'cpus_read_unlock')] },
  { name: 'console_lock', ways: [plain('console_lock', 'console_unlock')], family: 'console' },
  { name: 'migrate', ways: [plain('migrate_disable', 'migrate_enable')] },
  {
    name: 'preempt',
    argument: 'rwlock_t',
    isOwn: true,
    atomic: 'preemption is off',
    ways: [plain('_raw_read_lock', '_raw_read_unlock')],
  },
  {
    name: 'irqsave',
    argument: 'raw_spinlock_t',
    isOwn: true,
    atomic: 'interrupts are off',
    ways: [SPIN_SAVING],
  },
];

/** The lock that `guard(name)` takes; undefined where there is none. */
export function lockKind(name: string): LockKind | undefined {
  return LOCK_KINDS.find(kind => kind.name === name);
}

/** A function that takes or gives back a lock and is called by its name. */
export interface LockCall {
  readonly does: 'takes' | 'gives-back';
  /** The guard to write instead, where there is one. */
  readonly guard: string | undefined;
  /** The function that gives the lock back. Takes and gives with the same one belong together. */
  readonly give: string;
  readonly atomic: string | undefined;
  /** As {@link LockKind.takenIf}. */
  readonly takenIf: LockKind['takenIf'];
  /** As {@link LockKind.family}. */
  readonly family: string | undefined;
}

/** Lock functions that no guard uses, with their counterparts. */
const WITHOUT_GUARD: readonly (readonly [take: readonly string[], give: string, guard?: string])[] = [
  [['down', 'down_interruptible', 'down_killable', 'down_trylock', 'down_timeout'], 'up'],
  [['lock_sock_nested'], 'release_sock'],
  [['mutex_lock_nested', 'mutex_lock_io', 'mutex_lock_io_nested'], 'mutex_unlock', 'mutex'],
  [['down_read_nested'], 'up_read', 'rwsem_read'],
  [['down_write_nested', '_down_write_nest_lock'], 'up_write', 'rwsem_write'],
  [['_raw_spin_lock_nested', '_raw_spin_lock_nest_lock'], '_raw_spin_unlock', 'spinlock'],
  [['cpus_read_trylock'], 'cpus_read_unlock', 'cpus_read_lock'],
  [['cpus_write_lock'], 'cpus_write_unlock'],
  [['rt_mutex_lock', 'rt_mutex_trylock', 'rt_mutex_lock_interruptible'], 'rt_mutex_unlock'],
  [['ww_mutex_lock', 'ww_mutex_lock_interruptible', 'ww_mutex_trylock'], 'ww_mutex_unlock'],
  [['percpu_down_write'], 'percpu_up_write'],
  [['lock_device_hotplug'], 'unlock_device_hotplug'],
  [['console_trylock'], 'console_unlock', 'console_lock'],
  [['cgroup_lock'], 'cgroup_unlock'],
  [['lock_mount_hash'], 'unlock_mount_hash'],
  [['module_mutex_lock'], 'module_mutex_unlock'],
];

const BY_FUNCTION: ReadonlyMap<string, LockCall> = new Map(functions());

/** What the function does to a lock when a program calls it by its name. */
export function lockCall(name: string): LockCall | undefined {
  return BY_FUNCTION.get(name);
}

/** The first kind of a function has the simplest guard, so it stays. */
function* functions(): Generator<[string, LockCall]> {
  const seen = new Set<string>();
  const guarded = LOCK_KINDS.filter(({ isOwn }) => !isOwn).map(({ name, ways, atomic, family, takenIf }) => {
    return { ...ways[0]!, guard: name, atomic, family, takenIf };
  });
  const others = WITHOUT_GUARD.flatMap(([takes, give, guard]) =>
    takes.map(take => ({ take, give, guard, atomic: undefined, family: undefined, takenIf: undefined })),
  );
  for (const { take, give, ...rest } of [...guarded, ...others]) {
    if (!seen.has(take)) yield [take, { does: 'takes', give, ...rest }];
    if (!seen.has(give)) yield [give, { does: 'gives-back', give, ...rest }];
    seen.add(take).add(give);
  }
}
