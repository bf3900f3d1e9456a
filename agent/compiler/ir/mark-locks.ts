import { type LockCall, lockCall, type TypedExpression } from '../check/index.ts';
import type { ParamType } from '../ctype/index.ts';
import type { Temp } from './blocks/index.ts';
import { lowerRcu } from './lower-tasks.ts';
import type { Lowering } from './lowering.ts';

/** A call of a function by its name. */
export interface NamedCall {
  readonly name: string;
  readonly params: readonly ParamType[];
  readonly args: readonly TypedExpression[];
  readonly at: number;
}

/** `__GFP_DIRECT_RECLAIM`: the caller may wait for memory (include/linux/gfp_types.h, v5.10 to v7.2). */
const DIRECT_RECLAIM = 0x400n;

/** Notes that a call may wait for memory, by its flags. */
export function markAllocation(lowering: Lowering, { name, params, args, at }: NamedCall): void {
  const waits = params.some(({ type }, index) => {
    const flags = args[index];
    const isFlags = type.kind === 'typedef' && type.name === 'gfp_t';
    return isFlags && flags?.kind === 'constant' && (flags.value & DIRECT_RECLAIM) !== 0n;
  });
  const reason = 'may wait for memory with these flags (GFP_ATOMIC does not)';
  if (waits) lowering.mark({ kind: 'sleeps', name, reason, at });
}

/** Notes what is known of a kernel function before it is called. */
export function markBeforeCall(lowering: Lowering, call: NamedCall): void {
  const { name, at } = call;
  markAllocation(lowering, call);
  lowering.markSleeping(name, at);
  const lock = lockCall(name);
  if (lock?.does !== 'gives-back') return;
  const key = keyOf(lowering, lock.give, call);
  lowering.mark({ kind: 'gives', key, same: lowering.sameLock(lock.family, call.args[0]), name, at });
}

/** Notes that a lock is held, when the function that takes it has been called. */
export function markBehindCall(lowering: Lowering, call: NamedCall, result: Temp | undefined): void {
  const { name, args, at } = call;
  const lock = lockCall(name);
  if (lock?.does !== 'takes') return;
  lowering.mark({
    kind: 'takes',
    lock: {
      key: keyOf(lowering, lock.give, call),
      same: lowering.sameLock(lock.family, args[0]),
      waits: !name.includes('try'),
      name: `'${name}'`,
      atomic: lock.atomic,
      byHand: { guard: lock.guard, success: successOf(lock, result) },
      at,
    },
  });
}

function successOf(
  { takenIf }: LockCall,
  result: Temp | undefined,
): { result: Temp; isZero: boolean } | undefined {
  return takenIf === undefined || result === undefined ? undefined : { result, isZero: takenIf === 'zero' };
}

function keyOf(lowering: Lowering, give: string, { args }: NamedCall): string {
  return `${give} ${args[0] ? lowering.lockKeys.of(args[0]) : ''}`;
}

/** `rcu_read_lock()`, which farcall counts and gives back itself, and its counterpart. */
export function markRcu(
  lowering: Lowering,
  { lock, at }: Extract<TypedExpression, { kind: 'rcu' }>,
): undefined {
  lowerRcu(lowering, lock);
  const shared = { key: 'rcu', same: undefined, at };
  if (!lock) return lowering.mark({ kind: 'gives', name: 'rcu_read_unlock', ...shared });
  const atomic = RCU_ATOMIC;
  const taken = { waits: false, name: "'rcu_read_lock'", atomic, byHand: undefined, ...shared };
  return lowering.mark({ kind: 'takes', lock: taken });
}

/** What may not happen meanwhile, as the end of "… while …". */
const RCU_ATOMIC = 'an RCU read section runs';
