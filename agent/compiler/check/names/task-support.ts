import { FarcallError } from '../../../../shared/errors/index.ts';
import { bare, type CType, findMember, sizeOf, typeToC } from '../../ctype/index.ts';
import type { KernelNames } from './kernel-names.ts';
import { onlyDataSymbol } from './resolve-data.ts';

/** A function of the kernel that farcall calls itself. */
export interface SupportFunction {
  readonly name: string;
  readonly address: bigint;
}

/**
 * How to hold RCU off: functions where the kernel can be preempted in a read section, nothing where it
 * cannot.
 */
export interface RcuSupport {
  readonly lock: SupportFunction | undefined;
  readonly unlock: SupportFunction | undefined;
  /**
   * Whether both take the address of a reader lock, which nobody else knows: holding it keeps the task from
   * being preempted.
   */
  readonly takesLock: boolean;
}

/** How to find tasks by their number, and to hold them. */
export interface TaskWalk {
  readonly findGetPid: SupportFunction;
  readonly findGePid: SupportFunction;
  readonly getPidTask: SupportFunction;
  readonly putPid: SupportFunction;
  readonly putTaskStruct: SupportFunction;
  /** Offset of `numbers[0].ns` in struct pid: the first namespace, whichever one the process lives in. */
  readonly namespaceOffset: number;
  /** `PIDTYPE_PID`. */
  readonly pidType: bigint;
  /** Offset of `numbers[0].nr` in struct pid. */
  readonly numberOffset: number;
  /** Offset of the reference count, an int, in struct task_struct. */
  readonly usageOffset: number;
}

/**
 * Where the tasks of a kernel are found by reading alone: the radix tree of the numbers of `init_pid_ns`,
 * which leads to struct pid, and from there to the task (lib/radix-tree.c, include/linux/xarray.h,
 * kernel/pid.c, v5.10 and v6.12).
 */
export interface TaskTree {
  /** Address of the tree, a struct xarray, which each of its nodes has at `arrayOffset`. */
  readonly array: bigint;
  readonly arrayOffset: number;
  /** Address of the tree's head: a node, or nothing. */
  readonly head: bigint;
  /** Offset of the u8 in struct xa_node that says how far down the tree a node is. */
  readonly shiftOffset: number;
  readonly slotsOffset: number;
  /** A power of two. */
  readonly slots: number;
  /** Offset of `numbers[0].nr` in struct pid. */
  readonly numberOffset: number;
  /** Offset of `tasks[PIDTYPE_PID].first` in struct pid; it points to the link of the task, or is 0. */
  readonly firstOffset: number;
  /** Offset of `pid_links[PIDTYPE_PID]` in struct task_struct. */
  readonly linkOffset: number;
  /** Offset of `thread_pid`, which leads back to the struct pid for as long as the task has its number. */
  readonly pidOffset: number;
}

/**
 * What a kernel offers for `find_task`, `for_each_task` and `rcu_read_lock`, looked up when it is asked for:
 * each throws KERNEL_LACKS with the name of what is missing.
 */
export interface TaskSupport {
  readonly rcu: () => RcuSupport;
  /** How a module finds and holds tasks. */
  readonly walk: () => TaskWalk;
  /** How they are found by reading alone. */
  readonly tree: () => TaskTree;
}

/**
 * Looks up what tasks need. Everything is probed by symbol and member; what is missing is KERNEL_LACKS with
 * its name.
 *
 * find_get_pid(), get_pid_task() and put_pid() take the locks that they need themselves and give references;
 * find_ge_pid() gives none, and is called under RCU together with get_pid_task() (kernel/pid.c, v5.10 and
 * v6.12).
 */
export function taskSupport(names: KernelNames): TaskSupport {
  return {
    rcu: once(() => rcuSupport(names)),
    walk: once(() => taskWalk(names)),
    tree: once(() => taskTree(names)),
  };
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/**
 * With CONFIG_PREEMPT_RCU `__rcu_read_lock` is a function (kernel/rcu/tree_plugin.h, v6.12). Without, a read
 * section is code that is not preempted; where nothing preempts the kernel (no `preempt_schedule`) that is
 * any code that does not sleep. A kernel between the two (lazy preemption without PREEMPT_RCU, as Debian's
 * 7.2 for arm64) must be told not to preempt. preempt_disable() is no function, but taking a lock does the
 * same, and is one wherever the kernel can be preempted (INLINE_READ_LOCK and INLINE_READ_UNLOCK,
 * kernel/Kconfig.locks, v6.12). Reader locks nest.
 */
function rcuSupport(names: KernelNames): RcuSupport {
  const lock = supportFunction(names, '__rcu_read_lock');
  const unlock = supportFunction(names, '__rcu_read_unlock');
  if ((lock && unlock) || !supportFunction(names, 'preempt_schedule'))
    return { lock, unlock, takesLock: false };
  const readLock = supportFunction(names, '_raw_read_lock');
  const readUnlock = supportFunction(names, '_raw_read_unlock');
  const type = names.typedef('rwlock_t');
  if (!readLock || !readUnlock || !type || sizeOf(type) !== READER_LOCK_BYTES)
    throw lacks(
      '__rcu_read_lock and a plain rwlock_t, and can be preempted: farcall cannot enter an RCU read section',
    );
  return { lock: readLock, unlock: readUnlock, takesLock: true };
}

/**
 * An rwlock_t without anything for debugging, of which zeros are a free one
 * (include/asm-generic/qrwlock_types.h, v6.12).
 */
const READER_LOCK_BYTES = 8;

function taskWalk(names: KernelNames): TaskWalk {
  const pid = need(names.tagged('struct', 'pid'), 'struct pid');
  const upid = need(names.tagged('struct', 'upid'), 'struct upid');
  const task = need(names.tagged('struct', 'task_struct'), 'struct task_struct');
  return {
    findGetPid: needFunction(names, 'find_get_pid'),
    findGePid: needFunction(names, 'find_ge_pid'),
    getPidTask: needFunction(names, 'get_pid_task'),
    putPid: needFunction(names, 'put_pid'),
    putTaskStruct: needFunction(names, '__put_task_struct'),
    namespaceOffset: memberOffset(pid, 'numbers') + memberOffset(upid, 'ns'),
    pidType: names.enumerator('PIDTYPE_PID')?.value ?? 0n,
    numberOffset: memberOffset(pid, 'numbers') + memberOffset(upid, 'nr'),
    usageOffset: memberOffset(task, 'usage'),
  };
}

function taskTree(names: KernelNames): TaskTree {
  const record = (name: string): CType => need(names.tagged('struct', name), `struct ${name}`);
  const [pid, task, node] = [record('pid'), record('task_struct'), record('xa_node')];
  const arrayOffset = memberOffset(record('pid_namespace'), 'idr') + memberOffset(record('idr'), 'idr_rt');
  need(
    names.symbols.lookup('init_pid_ns')[0],
    'the symbol init_pid_ns (without CONFIG_KALLSYMS_ALL, a kernel lists no symbols of data)',
  );
  const array = onlyDataSymbol('init_pid_ns', undefined, names).address + BigInt(arrayOffset);
  const type = Number(names.enumerator('PIDTYPE_PID')?.value ?? 0n);
  return {
    array,
    arrayOffset: memberOffset(node, 'array'),
    head: array + BigInt(memberOffset(record('xarray'), 'xa_head')),
    shiftOffset: memberOffset(node, 'shift'),
    slotsOffset: memberOffset(node, 'slots'),
    slots: slotsOf(node),
    numberOffset: memberOffset(pid, 'numbers') + memberOffset(record('upid'), 'nr'),
    firstOffset: memberOffset(pid, 'tasks') + type * 8,
    linkOffset: memberOffset(task, 'pid_links') + type * (sizeOf(record('hlist_node')) ?? 16),
    pidOffset: memberOffset(task, 'thread_pid'),
  };
}

/** XA_CHUNK_SIZE: 64, or 16 with CONFIG_BASE_SMALL. */
function slotsOf(node: CType): number {
  const plain = bare(node);
  const slots = plain.kind === 'struct' ? bare(findMember(plain, 'slots')!.type) : undefined;
  const count = slots?.kind === 'array' ? slots.count : 0;
  return need(
    count > 1 && count <= 4096 && (count & (count - 1)) === 0 ? count : undefined,
    'xa_node.slots as an array',
  );
}

function memberOffset(type: CType, name: string): number {
  const plain = bare(type);
  const member = plain.kind === 'struct' ? findMember(plain, name) : undefined;
  return need(member, `the member '${name}' of ${typeToC(type)}`).bitOffset / 8;
}

function needFunction(names: KernelNames, name: string): SupportFunction {
  return need(supportFunction(names, name), name);
}

/** A function of the kernel itself, for farcall to call; undefined where there is none. */
export function supportFunction(names: KernelNames, name: string): SupportFunction | undefined {
  const symbol = names.symbols.lookup(name).find(({ module }) => module === undefined);
  return symbol && { name, address: symbol.address };
}

function need<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw lacks(what);
  return found;
}

function lacks(what: string): FarcallError {
  return new FarcallError('KERNEL_LACKS', `this kernel lacks ${what}`);
}
