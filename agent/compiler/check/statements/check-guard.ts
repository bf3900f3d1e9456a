import { BASIC, bare, type CType, findMember, pointerTo, sizeOf } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Statement } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { checkValue } from '../expressions/index.ts';
import {
  didYouMean,
  LOCK_KINDS,
  type LockFunctions,
  type LockKind,
  lockKind,
  nearestNames,
  supportFunction,
} from '../names/index.ts';
import { assigned } from '../operators/index.ts';
import type { CalledFunction, Guard, GuardedLock, TypedExpression } from '../tree/index.ts';

type GuardStatement = Extract<Statement, { kind: 'guard' | 'scoped-guard' }>;

/**
 * How long a lock of the program's own may be: zeros are a free one only where nothing is there for
 * debugging.
 */
const OWN_LOCK_BYTES: Readonly<Record<string, number>> = { rwlock_t: 8, raw_spinlock_t: 4 };

/**
 * A guard: which lock it takes, and how this kernel takes it. Throws PROGRAM_TYPE where it cannot be written
 * so, and KERNEL_LACKS where this kernel has no functions for it.
 */
export function checkGuard(context: CheckContext, statement: GuardStatement): Guard {
  const { lock, at } = statement;
  if (lock === 'rcu') {
    refuseArgument(context, statement);
    context.usesRcu = true;
    return { name: lock, lock: 'rcu', atomic: 'an RCU read section runs', at };
  }
  const kind = lockKind(lock);
  if (!kind) throw context.diagnostics.typeError(at, unknownGuard(lock));
  refuseWrongForm(context, statement, kind);
  context.takesLocks = true;
  const argument = argumentOf(context, statement, kind);
  const { takenIf = 'always', atomic, family } = kind;
  const functions = functionsOf(context, kind, at);
  const guarded: GuardedLock = { family, functions, keeps: functions?.keeps ?? false, takenIf, argument };
  return { name: lock, lock: guarded, atomic, at };
}

function unknownGuard(name: string): string {
  const names = ['rcu', ...LOCK_KINDS.map(kind => kind.name)];
  const near = didYouMean(nearestNames(name, names, 3));
  return `there is no guard '${name}'${near || `; there are ${names.join(', ')}`}`;
}

/** What may fail is no guard for the rest of a block, and what cannot fail needs no other way. */
function refuseWrongForm({ diagnostics }: CheckContext, statement: GuardStatement, kind: LockKind): void {
  const { at } = statement;
  if (kind.takenIf && statement.kind === 'guard') {
    const instead = `scoped_cond_guard(${kind.name}, return, …) { … } or scoped_guard(${kind.name}, …) { … }`;
    throw diagnostics.typeError(at, `'${kind.name}' may not take the lock; write ${instead}`);
  }
  if (kind.takenIf || statement.kind === 'guard' || !statement.failed) return;
  const message = `'${kind.name}' always takes the lock; write scoped_guard(${kind.name}, …) { … }`;
  throw diagnostics.typeError(at, message);
}

function refuseArgument({ diagnostics }: CheckContext, { lock, argument }: GuardStatement): void {
  if (argument) throw diagnostics.typeError(argument.at, `'${lock}' takes no argument: guard(${lock})()`);
}

function argumentOf(
  context: CheckContext,
  statement: GuardStatement,
  kind: LockKind,
): TypedExpression | 'own' | undefined {
  const { lock, argument, at } = statement;
  if (kind.isOwn || kind.argument === undefined) {
    refuseArgument(context, statement);
    return kind.isOwn ? 'own' : undefined;
  }
  if (!argument)
    throw context.diagnostics.typeError(
      at,
      `'${lock}' needs a lock: guard(${lock})(&…), a ${kind.argument} *`,
    );
  const type = pointerTo(typeOfLock(context, kind, at));
  const value = checkValue(context, argument);
  return assigned(context, type, value, argument.at, `the lock of guard(${lock}): `);
}

function typeOfLock({ names, diagnostics }: CheckContext, kind: LockKind, at: Offset): CType {
  const spelled = kind.argument!;
  const type = spelled.startsWith('struct ')
    ? names.tagged('struct', spelled.slice('struct '.length))
    : names.typedef(spelled);
  if (!type) throw diagnostics.error('KERNEL_LACKS', at, `this kernel has no type ${spelled}`);
  const plain = bare(type);
  const { needsMember } = kind;
  if (needsMember !== undefined && !(plain.kind === 'struct' && findMember(plain, needsMember))) {
    const message = `a ${spelled} of this kernel has no '${needsMember}': farcall does not know how to take it`;
    throw diagnostics.error('KERNEL_LACKS', at, message);
  }
  return type;
}

interface Resolved {
  readonly take: CalledFunction;
  readonly give: CalledFunction;
  readonly keeps: boolean;
}

function functionsOf(context: CheckContext, kind: LockKind, at: Offset): Resolved | undefined {
  const { diagnostics } = context;
  if (kind.name === 'preempt' && !hasFunction(context, 'preempt_schedule')) return undefined;
  const way = kind.ways.find(each => hasFunction(context, each.take) && hasFunction(context, each.give));
  if (!way) {
    const [{ take, give }] = kind.ways as [LockFunctions];
    const message = `this kernel has '${take}' or '${give}' only as a part of other functions, so a program cannot take a ${kind.name}`;
    throw diagnostics.error('KERNEL_LACKS', at, message);
  }
  if (kind.isOwn) {
    const type = typeOfLock(context, kind, at);
    if (sizeOf(type) !== OWN_LOCK_BYTES[kind.argument!])
      throw diagnostics.error('KERNEL_LACKS', at, `a ${kind.argument} of this kernel is not a plain one`);
  }
  const pointer = kind.argument === undefined ? [] : [pointerTo(BASIC.void)];
  const resolve = (name: string, extra: readonly CType[], result: CType): CalledFunction =>
    lockFunction(context, { name, params: [...pointer, ...extra], result, at });
  const kept = way.keeps ? [BASIC.ulong] : [];
  const result = way.keeps ? BASIC.ulong : kind.takenIf ? BASIC.int : BASIC.void;
  return {
    take: resolve(way.take, [], result),
    give: resolve(way.give, kept, BASIC.void),
    keeps: way.keeps ?? false,
  };
}

function hasFunction({ names }: CheckContext, name: string): boolean {
  return supportFunction(names, name) !== undefined;
}

interface LockPrototype {
  readonly name: string;
  readonly params: readonly CType[];
  readonly result: CType;
  readonly at: Offset;
}

/** By the kernel's own types where it has them; how it is called is known in any case. */
function lockFunction(context: CheckContext, { name, params, result, at }: LockPrototype): CalledFunction {
  const { names } = context;
  if (names.hasPrototype(name, undefined)) return context.resolveFunction(name, undefined, at);
  const callee: CalledFunction = {
    ...supportFunction(names, name)!,
    module: undefined,
    type: {
      kind: 'function',
      params: params.map(type => ({ name: '', type })),
      result,
      variadic: false,
    },
  };
  context.declareFunction(callee);
  return callee;
}
