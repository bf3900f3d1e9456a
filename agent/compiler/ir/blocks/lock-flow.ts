import { locationOf, type Offset, programError, type Source } from '../../preprocessor/index.ts';
import {
  type BlockIndex,
  END,
  type End,
  type Instruction,
  type IrProgram,
  type Temp,
  type Terminator,
} from './ir.ts';

/** A lock that is held from here on. */
export interface TakenLock {
  /** Who gives it back names it by this. */
  readonly key: string;
  /**
   * Locks with the same one are the same lock, as far as the text tells; undefined where that does no harm.
   */
  readonly same: string | undefined;
  /** Whether taking it waits until it is free. */
  readonly waits: boolean;
  /** How messages name it: `guard(mutex)`, or `'mutex_lock'`. */
  readonly name: string;
  /** What may not happen meanwhile, if nothing may sleep. */
  readonly atomic: string | undefined;
  /** Whether the program must give it back itself, and what to write instead, if there is anything. */
  readonly byHand:
    | {
        readonly guard: string | undefined;
        /** The result that tells whether it was taken, where it may not have been. */
        readonly success?: { readonly result: Temp; readonly isZero: boolean } | undefined;
      }
    | undefined;
  readonly at: Offset;
}

/** What happens at a point of a program, for {@link checkLocks}. */
export type LockEvent =
  | { readonly kind: 'takes'; readonly lock: TakenLock }
  | {
      readonly kind: 'gives';
      readonly key: string;
      readonly same: string | undefined;
      readonly name: string;
      readonly at: Offset;
    }
  | { readonly kind: 'sleeps'; readonly name: string; readonly reason: string; readonly at: Offset };

/** A lowered program, and what happens at which of its instructions. */
export interface LockFlow {
  readonly ir: IrProgram;
  readonly source: Source;
  readonly events: ReadonlyMap<Instruction, LockEvent>;
}

/** What may be held at a point, and how often. */
type Held = ReadonlyMap<string, { readonly lock: TakenLock; readonly count: number }>;

/** RCU read sections nest; deeper ones count as so many. */
const COUNT_LIMIT = 8;

/**
 * Throws PROGRAM_TYPE where a lock that is taken by hand may be held when the program ends, where something
 * may sleep that must not, or where a lock may be taken twice.
 *
 * Threat: a lock that a program leaves behind stops the host for good, and nothing says why: the condition
 * that a `require` checks did not hold, or a pointer was bad. So every way out counts: a read that may fault,
 * a loop that may run out of fuel, a division. Functions of the program are followed from all their calls;
 * what kernel functions do is known by a table of names.
 */
export function checkLocks(flow: LockFlow): void {
  if (flow.events.size === 0) return;
  const atEntry = heldAtEntry(flow);
  for (const [index, held] of atEntry.entries()) if (held) checkBlock(flow, index, held);
}

/** For each block what may be held there, on any way to it; undefined where no way leads there. */
function heldAtEntry({ ir, events }: LockFlow): (Held | undefined)[] {
  const entry: (Held | undefined)[] = ir.blocks.map(() => undefined);
  entry[0] = new Map();
  const todo: BlockIndex[] = [0];
  for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
    let held = entry[index]!;
    for (const instruction of ir.blocks[index]!.instructions) {
      const event = events.get(instruction);
      if (event) held = after(held, event);
    }
    const tried = triedLock(ir, index, events);
    for (const next of waysFrom(ir, index)) {
      const there = tried?.notTakenTo === next ? without(held, tried.lock.key) : held;
      const joined = join(entry[next], there);
      if (joined === entry[next]) continue;
      entry[next] = joined;
      todo.push(next);
    }
  }
  return entry;
}

/** A lock that may not have been taken, and the block to which the program goes then. */
interface TriedLock {
  readonly lock: TakenLock;
  readonly notTakenTo: BlockIndex;
}

/**
 * The lock that the block tries to take by hand and whose success it branches on, as in `if
 * (mutex_trylock(&m))`; undefined where there is none, or where something else happens to the result first.
 */
function triedLock(
  { blocks }: IrProgram,
  index: BlockIndex,
  events: ReadonlyMap<Instruction, LockEvent>,
): TriedLock | undefined {
  const { instructions, terminator } = blocks[index]!;
  if (terminator.op !== 'branch' || terminator.then === terminator.otherwise) return undefined;
  const tried = instructions
    .map(each => events.get(each))
    .findLast(event => event?.kind === 'takes' && event.lock.byHand?.success !== undefined);
  if (tried?.kind !== 'takes') return undefined;
  const { result, isZero } = tried.lock.byHand!.success!;
  const means = meaningOf(instructions, result).get(terminator.condition);
  if (means === undefined) return undefined;
  const isTrueWhenTaken = means !== isZero;
  return { lock: tried.lock, notTakenTo: isTrueWhenTaken ? terminator.otherwise : terminator.then };
}

/** For each temporary that follows from `result` alone, whether it is true where `result` is. */
function meaningOf(instructions: readonly Instruction[], result: Temp): ReadonlyMap<Temp, boolean> {
  const means = new Map<Temp, boolean>([[result, true]]);
  const zeros = new Set<Temp>();
  for (const each of instructions) {
    if (each.op === 'const' && each.value === 0n) zeros.add(each.to);
    if (each.op === 'copy' || each.op === 'extend') {
      const known = means.get(each.from);
      if (known !== undefined) means.set(each.to, known);
    }
    if (each.op === 'binary' && (each.operator === 'eq' || each.operator === 'ne') && zeros.has(each.right)) {
      const known = means.get(each.left);
      if (known !== undefined) means.set(each.to, known === (each.operator === 'ne'));
    }
  }
  return means;
}

/** A call goes into the function, and on behind it: what a function takes, it gives back. */
function waysFrom({ blocks, callNext, exits }: IrProgram, index: BlockIndex): BlockIndex[] {
  if (exits.has(index)) return [];
  const { terminator } = blocks[index]!;
  const next = callNext.get(index);
  const behind = next === undefined ? [] : [next];
  if (terminator.op === 'jump') return [terminator.target, ...behind];
  return terminator.op === 'branch' ? [terminator.then, terminator.otherwise] : [];
}

function join(one: Held | undefined, other: Held): Held {
  if (!one) return other;
  const more = [...other].filter(([key, { count }]) => count > (one.get(key)?.count ?? 0));
  return more.length === 0 ? one : new Map([...one, ...more]);
}

function after(held: Held, event: LockEvent): Held {
  if (event.kind === 'sleeps') return held;
  if (event.kind === 'gives') return without(held, event.key);
  const { key } = event.lock;
  const count = held.get(key)?.count ?? 0;
  return new Map(held).set(key, { lock: event.lock, count: Math.min(count + 1, COUNT_LIMIT) });
}

/** The same with a lock given back once. */
function without(held: Held, key: string): Held {
  const found = held.get(key);
  const next = new Map(held);
  if (found && found.count > 1) next.set(key, { lock: found.lock, count: found.count - 1 });
  else next.delete(key);
  return next;
}

function checkBlock({ ir, source, events }: LockFlow, index: BlockIndex, entry: Held): void {
  const { instructions, terminator } = ir.blocks[index]!;
  let held = entry;
  for (const instruction of instructions) {
    const event = events.get(instruction);
    if (event) checkEvent(source, held, event);
    else refuseWayOut(source, held, wayOutOf(instruction));
    if (event) held = after(held, event);
  }
  if (ir.exits.has(index)) refuseWayOut(source, held, { why: 'its function returns', at: undefined });
  refuseWayOut(source, held, endOf(terminator));
}

function checkEvent(source: Source, held: Held, event: LockEvent): void {
  const locks = [...held.values()].map(({ lock }) => lock);
  if (event.kind === 'sleeps') {
    const atomic = locks.find(lock => lock.atomic !== undefined);
    if (!atomic) return;
    const where = `${atomic.name}, ${lineOf(source, atomic.at)}`;
    const message = `'${event.name}' ${event.reason}, which nothing may do while ${atomic.atomic} (${where})`;
    throw programError('PROGRAM_TYPE', source, event.at, message);
  }
  if (event.kind === 'gives') {
    const guard = locks.find(lock => !lock.byHand && lock.same !== undefined && lock.same === event.same);
    if (!guard || held.has(event.key)) return;
    const message = `'${event.name}' gives back what ${guard.name} holds (${lineOf(source, guard.at)}), and gives back itself`;
    throw programError('PROGRAM_TYPE', source, event.at, message);
  }
  const { lock } = event;
  const other = locks.find(each => each.same !== undefined && each.same === lock.same);
  if (!other || !lock.waits) return;
  const message = `${lock.name} would wait forever: ${other.name} may hold this lock already (${lineOf(source, other.at)})`;
  throw programError('PROGRAM_TYPE', source, lock.at, message);
}

interface WayOut {
  readonly why: string;
  readonly at: Offset | undefined;
}

function refuseWayOut(source: Source, held: Held, wayOut: WayOut | undefined): void {
  if (!wayOut || held.size === 0) return;
  const lock = [...held.values()].find(each => each.lock.byHand)?.lock;
  if (!lock?.byHand) return;
  const { guard } = lock.byHand;
  const where = wayOut.at === undefined ? wayOut.why : `${wayOut.why} (${lineOf(source, wayOut.at)})`;
  const instead =
    guard === undefined
      ? 'nothing in between may end the program: no read or write through a pointer, no loop, no require'
      : `write guard(${guard})(…), which gives it back on every way out`;
  const message = `${lock.name} may still be held when ${where}; ${instead}`;
  throw programError('PROGRAM_TYPE', source, lock.at, message);
}

function wayOutOf(instruction: Instruction): WayOut | undefined {
  switch (instruction.op) {
    case 'read':
    case 'read-block':
    case 'write':
    case 'write-block':
    case 'exchange':
      return { why: 'a pointer is bad', at: instruction.sourceOffset };
    case 'fuel':
      return { why: 'the fuel is used up', at: instruction.sourceOffset };
    case 'check-pointer':
      return { why: 'a pointer holds no permitted function', at: undefined };
    case 'call':
      return instruction.check === undefined
        ? undefined
        : { why: 'a pointer holds no permitted function', at: undefined };
    default:
      return undefined;
  }
}

const ENDS: Readonly<Partial<Record<End, string>>> = {
  [END.DIVIDED_BY_ZERO]: 'a divisor is zero',
  [END.SKIPPED]: 'a condition does not hold',
};

function endOf(terminator: Terminator): WayOut | undefined {
  if (terminator.op === 'fault') return { why: 'a pointer is bad', at: terminator.sourceOffset };
  if (terminator.op !== 'end') return undefined;
  const why = ENDS[terminator.end];
  return why === undefined
    ? { why: 'the program ends', at: undefined }
    : { why, at: terminator.sourceOffset };
}

function lineOf(source: Source, at: Offset): string {
  return `line ${locationOf(source, at).line}`;
}
