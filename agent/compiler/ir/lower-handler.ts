import { type ReturnLayout, scalarLayout, type TypedExpression, type TypedWatch } from '../check/index.ts';
import { alignmentOf, bare, sizeOf } from '../ctype/index.ts';
import type {
  BlockIndex,
  BlockValue,
  HandlerProgram,
  LocalOffset,
  ScalarBytes,
  Temp,
} from './blocks/index.ts';
import { newBlock } from './lower-call.ts';
import { lowerFunctions } from './lower-function.ts';
import { lowerStatement } from './lower-statement.ts';
import { Lowering, type WatchSharing } from './lowering.ts';
import { addressOfCount, countInWatch, readCount } from './watch-sharing.ts';

/** Turns that the loops of one run of a body may make. */
const HANDLER_FUEL = 1_000;

/** Every so many runs of a body one is timed, and counts for them: a clock costs as much as a count. */
const TIMED_RUNS = 8n;

/** What a single run counts at most: a guest may stand still while it is timed. */
const RUN_LIMIT_NS = 1_000_000n;

/** The time that the runs of a body may take in a second, on all CPUs together; then the watch ends. */
export const SLOW_LIMIT_NS = 250_000_000n;

/** Hits that no watch comes to. */
export const ENDLESS = (1n << 63n) - 1n;

/** What runs at each entry of the function, or at each return of it. */
export function lowerHandler(watch: TypedWatch, sharing: WatchSharing): HandlerProgram {
  const lowering = new Lowering(undefined, 'module', { watch: sharing });
  const { builder } = lowering;
  const [isAllowed, braked, run, over, abandoned] = [0, 1, 2, 3, 4].map(() => builder.block());
  if (watch.moment === 'entry') lowerParameters(lowering, watch);
  else lowerReturned(lowering, watch);
  const timer = lowering.allocate(8);
  builder.store(timer, builder.constant(0n));
  const entered = countInWatch(lowering, 'entered');
  // What stops the watch takes its allowance, so that there is one comparison at each entry.
  const isOver = builder.binary('ult', readCount(lowering, 'allowed'), entered);
  builder.terminate({ op: 'branch', condition: isOver, then: braked!, otherwise: isAllowed! });
  builder.enter(braked!);
  const wasSlow = readCount(lowering, 'slow');
  const tooOften = builder.binary('eq', wasSlow, builder.constant(0n));
  const address = addressOfCount(lowering, 'braked');
  builder.emit({ op: 'store-at', address, from: tooOften, bytes: 8 });
  builder.terminate({ op: 'leave' });
  builder.enter(isAllowed!);
  countHits(lowering, watch, { run: run!, over: over! });
  startTimer(lowering, watch, { timer, entered });
  lowerStatement(lowering, watch.body);
  builder.jumpInto(over!);
  stopTimer(lowering, watch, timer);
  builder.terminate({ op: 'leave' });
  lowerFunctions(lowering);
  builder.enter(abandoned!);
  countInWatch(lowering, 'abandoned');
  stopTimer(lowering, watch, timer);
  builder.terminate({ op: 'leave' });
  if (lowering.checkedPointers.length > 0) throw new Error('the body of a watch calls a pointer');
  return finishHandler(lowering, watch.moment, abandoned);
}

/** Goes on in `run`, unless there are enough hits; a run is one, if the body does not count itself. */
function countHits(
  lowering: Lowering,
  { until, countsRuns }: TypedWatch,
  { run, over }: { readonly run: BlockIndex; readonly over: BlockIndex },
): void {
  const { builder } = lowering;
  if (until === undefined) {
    if (countsRuns) countInWatch(lowering, 'hits');
    builder.jumpInto(run);
    return;
  }
  const limit = builder.constant(BigInt(until));
  const counted = builder.block();
  const isOpen = builder.binary('ult', readCount(lowering, 'hits'), limit);
  builder.terminate({ op: 'branch', condition: isOpen, then: counted, otherwise: over });
  builder.enter(counted);
  const mayRun = countsRuns
    ? builder.binary('ule', countInWatch(lowering, 'hits'), builder.constant(BigInt(until)))
    : builder.constant(1n);
  builder.branchInto(mayRun, run, over);
}

/** Notes when the run began, where this one is timed. */
function startTimer(
  lowering: Lowering,
  { support }: TypedWatch,
  { timer, entered }: { readonly timer: LocalOffset; readonly entered: Temp },
): void {
  const { builder } = lowering;
  const [timed, run] = [builder.block(), builder.block()];
  const turn = builder.binary('and', entered, builder.constant(TIMED_RUNS - 1n));
  builder.branchInto(builder.binary('eq', turn, builder.constant(0n)), timed, run);
  builder.store(timer, lowering.call(support.fastClock, []));
  builder.jumpInto(run);
}

/** Adds what the run took, and stops the watch where that is more than {@link SLOW_LIMIT_NS} in a second. */
function stopTimer(lowering: Lowering, { support }: TypedWatch, timer: LocalOffset): void {
  const { builder } = lowering;
  const [timed, slow, done] = [builder.block(), builder.block(), builder.block()];
  const began = builder.load(timer);
  builder.branchInto(began, timed, done);
  const took = builder.binary('sub', lowering.call(support.fastClock, []), began);
  const isLong = builder.binary('ult', builder.constant(RUN_LIMIT_NS), took);
  const excess = builder.binary('mul', isLong, builder.binary('sub', took, builder.constant(RUN_LIMIT_NS)));
  const counted = builder.binary('mul', builder.binary('sub', took, excess), builder.constant(TIMED_RUNS));
  const spent = builder.temp();
  const address = addressOfCount(lowering, 'spentNs');
  builder.emit({ op: 'add-at', to: spent, address, value: counted });
  builder.branchInto(builder.binary('ult', readCount(lowering, 'allowedNs'), spent), slow, done);
  const flag = addressOfCount(lowering, 'slow');
  builder.emit({ op: 'store-at', address: flag, from: builder.constant(1n), bytes: 8 });
  const allowance = addressOfCount(lowering, 'allowed');
  builder.emit({ op: 'store-at', address: allowance, from: builder.constant(0n), bytes: 8 });
  builder.jumpInto(done);
}

/**
 * What runs at each entry of a function whose returns are watched: it notes when that was, in the memory that
 * the kernel has for each call.
 */
export function lowerEntryClock({ clock, instanceData }: ReturnLayout): HandlerProgram {
  const lowering = new Lowering(undefined, 'module');
  const { builder } = lowering;
  const now = lowering.call(clock, []);
  builder.emit({ op: 'store-at', address: instanceAt(lowering, instanceData), from: now, bytes: 8 });
  builder.terminate({ op: 'leave' });
  return finishHandler(lowering, 'return', undefined);
}

/** `elapsed_ns()`: from what {@link lowerEntryClock} noted until now. */
export function lowerElapsed(lowering: Lowering): Temp {
  const { builder, watch } = lowering;
  const { clock, instanceData } = watch!.returns!;
  const now = lowering.call(clock, []);
  const to = builder.temp();
  builder.emit({ op: 'load-at', to, address: instanceAt(lowering, instanceData), bytes: 8 });
  return builder.binary('sub', now, to);
}

/** `stack_here()`: zeros behind the last caller. */
export function lowerSaveStack(
  lowering: Lowering,
  { room, support: { save, link } }: Extract<TypedExpression, { kind: 'save-stack' }>,
): void {
  const { builder } = lowering;
  const start = lowering.offsetOf(room);
  const registers = builder.temp();
  builder.emit({ op: 'zero', offset: start, bytes: room.sizeBytes });
  builder.emit({ op: 'registers', to: registers });
  const first = link ? [link.pc, link.register] : [];
  for (const [index, offset] of first.entries()) {
    const to = builder.temp();
    const address = builder.binary('add', registers, builder.constant(BigInt(offset)));
    builder.emit({ op: 'load-at', to, address, bytes: 8 });
    builder.store(start + index * 8, to);
  }
  const rest = builder.local(start + first.length * 8);
  const size = builder.constant(BigInt(room.sizeBytes / 8 - first.length));
  lowering.call(save, [registers, rest, size, builder.constant(link ? 1n : 0n)]);
}

function instanceAt({ builder }: Lowering, offset: number): Temp {
  const instance = builder.temp();
  builder.emit({ op: 'instance', to: instance });
  return builder.binary('add', instance, builder.constant(BigInt(offset)));
}

/** The handler, with the block that a run comes to that cannot go on. */
export function finishHandler(
  lowering: Lowering,
  kind: HandlerProgram['kind'],
  cleanup: BlockIndex | undefined,
): HandlerProgram {
  return lowering.builder.finish({
    kind,
    localBytes: lowering.localBytes,
    fuel: HANDLER_FUEL,
    cleanup,
    pointerChecks: [],
    callNext: lowering.callNext,
    exits: new Set(lowering.functions.map(({ exit }) => exit)),
  });
}

/** The body finds what the function returned in a variable of its own. */
function lowerReturned(lowering: Lowering, { returned }: TypedWatch): void {
  if (!returned) return;
  const { builder } = lowering;
  const from = builder.temp();
  builder.emit({ op: 'returned', to: from });
  const bytes = scalarLayout(returned.type)!.sizeBytes as ScalarBytes;
  builder.emit({ op: 'store', offset: lowering.offsetOf(returned), from, bytes });
}

/**
 * Variables of the body start as zeros, as all of a program do; its parameters as what the function is given.
 */
export function lowerParameters(
  lowering: Lowering,
  { params, watched }: Pick<TypedWatch, 'params' | 'watched'>,
): void {
  const given = params.map((param): LocalOffset | BlockValue => {
    const offset = lowering.offsetOf(param);
    if (scalarLayout(param.type)) return offset;
    const { bytes, unaligned } = alignmentOf(param.type);
    return { offset, bytes: sizeOf(param.type) ?? 0, alignment: bytes, unaligned };
  });
  const { result } = watched.type;
  const isRecord = !scalarLayout(result) && bare(result).kind !== 'void';
  const returned = isRecord ? newBlock(lowering, result) : undefined;
  if (given.length > 0) lowering.builder.emit({ op: 'parameters', params: given, result: returned });
}
