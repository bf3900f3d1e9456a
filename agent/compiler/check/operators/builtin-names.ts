/** The functions that farcall itself adds to C. Each has a check in `expressions/builtins.ts`. */
export const BUILTIN_NAMES = [
  'require',
  'report',
  'undo',
  'hit',
  'elapsed_ns',
  'boot_ns',
  'stack_here',
  'find_task',
  'symbol_name',
  'per_cpu',
  'per_cpu_ptr',
  'rcu_read_lock',
  'rcu_read_unlock',
  'cmpxchg',
  'xchg',
  '__atomic_fetch_add',
  '__atomic_fetch_sub',
  '__atomic_fetch_and',
  '__atomic_fetch_or',
  '__atomic_fetch_xor',
] as const;

/** One of {@link BUILTIN_NAMES}. */
export type BuiltinName = (typeof BUILTIN_NAMES)[number];

const NAMES: ReadonlySet<string> = new Set(BUILTIN_NAMES);

/** Whether `name` is the name of a builtin. */
export function isBuiltin(name: string): name is BuiltinName {
  return NAMES.has(name);
}

/** gcc's memory orders by name, with the values that its macros have. */
export const MEMORY_ORDERS: ReadonlyMap<string, bigint> = new Map([
  ['__ATOMIC_RELAXED', 0n],
  ['__ATOMIC_CONSUME', 1n],
  ['__ATOMIC_ACQUIRE', 2n],
  ['__ATOMIC_RELEASE', 3n],
  ['__ATOMIC_ACQ_REL', 4n],
  ['__ATOMIC_SEQ_CST', 5n],
]);
