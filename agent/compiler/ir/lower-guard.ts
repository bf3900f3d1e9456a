import type { CalledFunction, Guard, GuardedLock, TypedExpression, TypedStatement } from '../check/index.ts';
import { BASIC, sizeOf } from '../ctype/index.ts';
import type { BlockIndex, Temp } from './blocks/index.ts';
import { lowerValue } from './lower-expression.ts';
import { lowerRcu } from './lower-tasks.ts';
import type { LoweredGuard, Lowering } from './lowering.ts';

/**
 * Where the parts of a guard are in its memory: whether it holds, its lock, what taking gave, a lock of its
 * own.
 */
const HELD = 0;
const ADDRESS = 8;
const KEPT = 16;
const OWN_LOCK = 32;
const GUARD_BYTES = 48;

/**
 * A guard. Where the end of its scope is known, the lock is given back there; every other end of the program
 * goes through the clean-up, which gives back what is marked as held.
 */
export function lowerGuard(
  lowering: Lowering,
  { guard, isLoop, body, failed }: Extract<TypedStatement, { kind: 'guard' }>,
  lowerBody: (body: TypedStatement) => void,
): void {
  const { builder, guards } = lowering;
  const [exit, notTaken] = [builder.block(), builder.block()];
  if (isLoop) lowering.loops.push(lowering.loopExits(exit, exit));
  const lowered: LoweredGuard = { guard, memory: lowering.allocate(GUARD_BYTES), within: lowering.within };
  if (guard.lock !== 'rcu') lowering.allGuards.push(lowered);
  const mayFail = take(lowering, lowered, notTaken);
  guards.push(lowered);
  lowerBody(body);
  guards.pop();
  if (builder.isOpen) {
    give(lowering, lowered);
    builder.terminate({ op: 'jump', target: exit });
  }
  builder.enter(notTaken);
  if (mayFail && failed) lowerBody(failed);
  builder.jumpInto(exit);
  if (isLoop) lowering.loops.pop();
}

/** Gives back the locks of the guards around, but for the outermost `kept`, on the way to somewhere else. */
export function leaveGuards(lowering: Lowering, kept: number): void {
  for (const lowered of lowering.guards.slice(kept).reverse()) give(lowering, lowered);
}

/**
 * Gives back what guards may hold when a program ends. The functions of a program never come back to
 * themselves, so those that run lie within each other: the innermost gives back first.
 */
export function lowerGuardCleanup(lowering: Lowering): void {
  const { builder } = lowering;
  const depths = lowering.depths();
  const depthOf = ({ within }: LoweredGuard): number => (within ? (depths.get(within) ?? 0) + 1 : 0);
  for (const lowered of lowering.allGuards.toSorted((a, b) => depthOf(a) - depthOf(b)).reverse()) {
    const [held, done] = [builder.block(), builder.block()];
    builder.branchInto(builder.load(lowered.memory + HELD), held, done);
    give(lowering, lowered);
    builder.jumpInto(done);
  }
}

/** Takes the lock, or goes to `notTaken`; gives whether that may be. */
function take(lowering: Lowering, lowered: LoweredGuard, notTaken: BlockIndex): boolean {
  const { builder } = lowering;
  const { guard } = lowered;
  if (guard.lock === 'rcu') {
    lowerRcu(lowering, true);
    markTaken(lowering, lowered);
    return false;
  }
  const { functions, keeps, takenIf } = guard.lock;
  const address = addressOfLock(lowering, lowered, guard.lock);
  if (functions) {
    lowering.markSleeping(functions.take.name, guard.at);
    const needsValue = keeps || takenIf !== 'always';
    const value = call(lowering, guard, functions.take, address === undefined ? [] : [address], needsValue);
    if (takenIf !== 'always') branchIfTaken(lowering, guard.lock, value!, notTaken);
    if (keeps) builder.store(lowered.memory + KEPT, value!);
  }
  builder.store(lowered.memory + HELD, builder.constant(1n));
  markTaken(lowering, lowered);
  return takenIf !== 'always';
}

/**
 * Its value is kept, since the program may change what it was computed from. A bad pointer ends the program.
 */
function addressOfLock(
  lowering: Lowering,
  { guard, memory }: LoweredGuard,
  { argument }: GuardedLock,
): Temp | undefined {
  const { builder } = lowering;
  if (argument === undefined) return undefined;
  if (argument === 'own') return builder.local(memory + OWN_LOCK);
  const address = lowerValue(lowering, argument);
  builder.emit({ op: 'read', to: builder.temp(), address, bytes: 4, sourceOffset: guard.at });
  builder.store(memory + ADDRESS, address);
  return address;
}

function branchIfTaken(
  { builder }: Lowering,
  { takenIf, functions }: GuardedLock,
  value: Temp,
  notTaken: BlockIndex,
): void {
  const to = builder.temp();
  const bits = Math.min((sizeOf(functions!.take.type.result) ?? 4) * 8, 32) as 8 | 16 | 32;
  builder.emit({ op: 'extend', to, from: value, bits, signed: false });
  const taken = builder.block();
  const [then, otherwise] = takenIf === 'zero' ? [notTaken, taken] : [taken, notTaken];
  builder.terminate({ op: 'branch', condition: to, then, otherwise });
  builder.enter(taken);
}

/** What is held is marked as given back first, so that nothing is given back twice. */
function give(lowering: Lowering, lowered: LoweredGuard): void {
  const { builder } = lowering;
  const { guard, memory } = lowered;
  const key = keyOf(lowering, lowered);
  lowering.mark({ kind: 'gives', key, same: undefined, name: guard.name, at: guard.at });
  if (guard.lock === 'rcu') return lowerRcu(lowering, false);
  const { functions, keeps, argument } = guard.lock;
  builder.store(memory + HELD, builder.constant(0n));
  if (!functions) return;
  const args: Temp[] = [];
  if (argument === 'own') args.push(builder.local(memory + OWN_LOCK));
  else if (argument) args.push(builder.load(memory + ADDRESS));
  if (keeps) args.push(builder.load(memory + KEPT));
  call(lowering, guard, functions.give, args, false);
}

function call(
  lowering: Lowering,
  { at }: Guard,
  { name, address, type }: CalledFunction,
  args: readonly Temp[],
  needsValue: boolean,
): Temp | undefined {
  const to = needsValue ? lowering.builder.temp() : undefined;
  const argTypes = args.map((_, index) => type.params[index]?.type ?? BASIC.ulong);
  const target = { name, address };
  lowering.emitAt(
    { kind: 'call', callee: name, argTypes, at },
    { op: 'call', to, block: undefined, target, check: undefined, args, ofProgram: true },
  );
  return to;
}

function keyOf(lowering: Lowering, lowered: LoweredGuard): string {
  return lowered.guard.lock === 'rcu' ? 'rcu' : `guard ${lowering.allGuards.indexOf(lowered)}`;
}

function markTaken(lowering: Lowering, lowered: LoweredGuard): void {
  const { name, lock, atomic, at } = lowered.guard;
  const isFamily = lock !== 'rcu' && lock.argument !== 'own';
  lowering.mark({
    kind: 'takes',
    lock: {
      key: keyOf(lowering, lowered),
      same: isFamily
        ? lowering.sameLock(lock.family, lock.argument as TypedExpression | undefined)
        : undefined,
      waits: isFamily && lock.takenIf !== 'not-zero',
      name: `guard(${name})`,
      atomic,
      byHand: undefined,
      at,
    },
  });
}
