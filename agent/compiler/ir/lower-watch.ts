import {
  type Lvalue,
  type OldValue,
  scalarLayout,
  type TypedWatch,
  WATCH_COUNTS,
  watchText,
} from '../check/index.ts';
import { alignmentOf, bare, sizeOf } from '../ctype/index.ts';
import {
  type BlockValue,
  END,
  type HandlerProgram,
  type LocalOffset,
  type ScalarBytes,
  type Temp,
} from './blocks/index.ts';
import { newBlock } from './lower-call.ts';
import { normalise } from './lower-expression.ts';
import { lowerFunctions } from './lower-function.ts';
import { lowerStatement } from './lower-statement.ts';
import { type LoweredProbe, Lowering, type WatchSharing } from './lowering.ts';

/** Turns that the loops of one run of a body may make. */
const HANDLER_FUEL = 1_000;

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;

/** Hits that no watch comes to. */
const ENDLESS = (1n << 63n) - 1n;

/** Where a watch keeps what it counts, and what it waits by. */
interface WatchState {
  readonly counts: WatchSharing['counts'];
  readonly start: LocalOffset;
  readonly windowStart: LocalOffset;
  readonly probe: LoweredProbe;
}

/**
 * `watch`: registers a kprobe whose handler is the body, waits in sleeps of a tick until so many hits count
 * or the time is over, takes the probe out, and goes on.
 *
 * The probe lives in init: the sleep ends when the loader is killed, and every end of the program takes the
 * probe out (see {@link takeOut}), before the kernel frees the memory of the module. unregister_kprobe()
 * waits until no CPU runs the handler any more (kernel/kprobes.c, v6.12).
 *
 * Threat: a watch on a function that is entered a million times a second takes the host down. The body runs
 * as often in a second as the program says, and then the watch ends; the host's policy limits that number.
 */
export function lowerWatch(lowering: Lowering, watch: TypedWatch): void {
  const state = newState(lowering, watch);
  const changes: (readonly [LocalOffset, number])[] = [];
  const sharing = { program: lowering, shared: watch.shared, changes, counts: state.counts };
  const handler = lowerHandler(watch, sharing);
  if (lowering.target === 'interpreter') return lowerForPlan(lowering, watch, { state, changes });
  lowering.mark({ kind: 'sleeps', name: 'watch', reason: 'waits for its hits', at: watch.at });
  lowering.probes.push(state.probe);
  const index = lowering.handlers.push(handler) - 1;
  register(lowering, watch, { state, index });
  waitForEnd(lowering, watch, state);
  takeOut(lowering, state.probe);
  summarise(lowering, watch, state);
}

function newState(lowering: Lowering, { support }: TypedWatch): WatchState {
  const names = [...WATCH_COUNTS, 'allowed'];
  const first = lowering.allocate(names.length * 8);
  const counts = Object.fromEntries(names.map((name, index) => [name, first + index * 8]));
  const [start, windowStart, registered] = [8, 8, 8].map(bytes => lowering.allocate(bytes));
  const kprobe = lowering.allocate(support.kprobe.sizeBytes);
  const probe = { registered: registered!, kprobe, unregister: support.unregister };
  return { counts, start: start!, windowStart: windowStart!, probe };
}

/** What runs at each entry of the function. */
function lowerHandler(watch: TypedWatch, sharing: WatchSharing): HandlerProgram {
  const lowering = new Lowering(undefined, 'module', sharing);
  const { builder } = lowering;
  const [isAllowed, braked, counted, run, over, abandoned] = [0, 1, 2, 3, 4, 5].map(() => builder.block());
  lowerParameters(lowering, watch);
  const entered = countInWatch(lowering, 'entered');
  const within = builder.binary('ule', entered, readCount(lowering, 'allowed'));
  builder.terminate({ op: 'branch', condition: within, then: isAllowed!, otherwise: braked! });
  builder.enter(braked!);
  const address = addressOfCount(lowering, 'braked');
  builder.emit({ op: 'store-at', address, from: builder.constant(1n), bytes: 8 });
  builder.terminate({ op: 'leave' });
  builder.enter(isAllowed!);
  const until = builder.constant(BigInt(watch.until ?? ENDLESS));
  const isOpen = builder.binary('ult', readCount(lowering, 'hits'), until);
  builder.terminate({ op: 'branch', condition: isOpen, then: counted!, otherwise: over! });
  builder.enter(counted!);
  const mayRun = watch.countsRuns
    ? builder.binary('ule', countInWatch(lowering, 'hits'), builder.constant(BigInt(watch.until ?? ENDLESS)))
    : builder.constant(1n);
  builder.branchInto(mayRun, run!, over!);
  lowerStatement(lowering, watch.body);
  builder.jumpInto(over!);
  builder.terminate({ op: 'leave' });
  lowerFunctions(lowering);
  builder.enter(abandoned!);
  countInWatch(lowering, 'abandoned');
  builder.terminate({ op: 'leave' });
  if (lowering.checkedPointers.length > 0) throw new Error('the body of a watch calls a pointer');
  return builder.finish({
    localBytes: lowering.localBytes,
    fuel: HANDLER_FUEL,
    cleanup: abandoned!,
    pointerChecks: [],
    callNext: lowering.callNext,
    exits: new Set(lowering.functions.map(({ exit }) => exit)),
  });
}

/**
 * Variables of the body start as zeros, as all of a program do; its parameters as what the function is given.
 */
function lowerParameters(lowering: Lowering, { params, watched }: TypedWatch): void {
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

interface Registering {
  readonly state: WatchState;
  readonly index: number;
}

function register(lowering: Lowering, watch: TypedWatch, { state, index }: Registering): void {
  const { builder } = lowering;
  const { counts, probe, start, windowStart } = state;
  const { kprobe, register: registerKprobe, clock } = watch.support;
  builder.emit({ op: 'zero', offset: counts['hits']!, bytes: WATCH_COUNTS.length * 8 });
  builder.emit({ op: 'zero', offset: probe.kprobe, bytes: kprobe.sizeBytes });
  builder.store(probe.kprobe + kprobe.addr, builder.constant(watch.watched.address));
  const handler = builder.temp();
  builder.emit({ op: 'handler', to: handler, handler: index });
  builder.store(probe.kprobe + kprobe.preHandler, handler);
  builder.store(counts['allowed']!, builder.constant(BigInt(watch.atMost)));
  const now = lowering.call(clock, []);
  builder.store(start, now);
  builder.store(windowStart, now);
  const error = asInt(lowering, lowering.call(registerKprobe, [builder.local(probe.kprobe)]));
  const [refused, registered] = [builder.block(), builder.block()];
  builder.branchInto(error, refused, registered);
  builder.terminate({ op: 'end', end: END.SKIPPED, sourceOffset: watch.at, detail: error });
  builder.enter(registered);
  builder.store(probe.registered, builder.constant(1n));
}

/** A tick at a time: killed, the sleep is not slept to its end. */
function waitForEnd(lowering: Lowering, watch: TypedWatch, state: WatchState): void {
  const { builder } = lowering;
  const { counts, start, windowStart } = state;
  const { clock, sleep } = watch.support;
  const [again, open, inTime, newWindow, rest, killed, over] = [0, 1, 2, 3, 4, 5, 6].map(() =>
    builder.block(),
  );
  builder.jumpInto(again!);
  const hits = builder.load(counts['hits']!);
  const isOpen = builder.binary('ult', hits, builder.constant(BigInt(watch.until ?? ENDLESS)));
  const isFree = builder.binary('eq', builder.load(counts['braked']!), builder.constant(0n));
  builder.branchInto(builder.binary('and', isOpen, isFree), open!, over!);
  const now = lowering.call(clock, []);
  const elapsed = builder.binary('sub', now, builder.load(start));
  const life = builder.constant(BigInt(watch.forMs) * NS_PER_MS);
  builder.branchInto(builder.binary('ult', elapsed, life), inTime!, over!);
  const inWindow = builder.binary('sub', now, builder.load(windowStart));
  const isOver = builder.binary('ule', builder.constant(NS_PER_S), inWindow);
  builder.branchInto(isOver, newWindow!, rest!);
  builder.store(windowStart, now);
  const atMost = builder.constant(BigInt(watch.atMost));
  builder.store(counts['allowed']!, builder.binary('add', builder.load(counts['entered']!), atMost));
  builder.jumpInto(rest!);
  const left = asInt(lowering, lowering.call(sleep, [builder.constant(1n)]));
  builder.terminate({ op: 'branch', condition: left, then: killed!, otherwise: again! });
  builder.enter(killed!);
  builder.terminate({ op: 'end', end: END.SKIPPED, sourceOffset: watch.at, detail: builder.constant(0n) });
  builder.enter(over!);
}

/** Takes a probe out, if it is there. No handler runs any more when this is done. */
export function takeOut(lowering: Lowering, { registered, kprobe, unregister }: LoweredProbe): void {
  const { builder } = lowering;
  const [there, gone] = [builder.block(), builder.block()];
  builder.branchInto(builder.load(registered), there, gone);
  builder.store(registered, builder.constant(0n));
  lowering.call(unregister, [builder.local(kprobe)]);
  builder.jumpInto(gone);
}

/** The row that says how the watch went: what it did not see is told, too. */
function summarise(
  lowering: Lowering,
  { support, summary }: TypedWatch,
  { counts, probe }: WatchState,
): void {
  const { builder } = lowering;
  const missed = builder.load(probe.kprobe + support.kprobe.nmissed);
  builder.store(counts['missed']!, missed);
  const bytes = WATCH_COUNTS.length * 8;
  builder.emit({ op: 'row', reportIndex: summary, from: counts['hits']!, bytes });
}

interface Planned {
  readonly state: WatchState;
  readonly changes: readonly (readonly [LocalOffset, number])[];
}

function lowerForPlan(lowering: Lowering, watch: TypedWatch, { state, changes }: Planned): void {
  const { watched, summary } = watch;
  const bytes = WATCH_COUNTS.length * 8;
  const from = state.counts['hits']!;
  const all = [...changes, [from, bytes] as const];
  const { name } = watched;
  const text = watchText(watch);
  lowering.builder.emit({ op: 'watch', name, text, changes: all, sourceOffset: watch.at });
  lowering.builder.emit({ op: 'row', reportIndex: summary, from, bytes });
}

/** The result of a function that returns int or a long that fits: its upper bits may be anything. */
function asInt({ builder }: Lowering, from: Temp): Temp {
  const to = builder.temp();
  builder.emit({ op: 'extend', to, from, bits: 32, signed: true });
  return to;
}

// What the handler of a watch does to what all its runs share: they may be as many as there are CPUs.

/** Room at the end of the rows that handlers leave to the program itself. */
const RESERVED_ROWS_BYTES = 8 << 10;

/** A row starts with u32 report index and u32 size of what follows. */
const ROW_HEADER_BYTES = 8;

/** The address of a variable of the program, in the handler of a watch. */
export function sharedAddress(
  { builder }: Lowering,
  lvalue: Extract<Lvalue, { kind: 'local' }>,
  { program, changes }: WatchSharing,
): Temp {
  const start = program.offsetOf(lvalue.variable);
  changes.push([start, lvalue.variable.sizeBytes]);
  const to = builder.temp();
  builder.emit({ op: 'shared', to, offset: start + lvalue.offset });
  return to;
}

/** Adds 1 to a count of the watch; gives what it is then. */
export function countInWatch(lowering: Lowering, count: string): Temp {
  const { builder } = lowering;
  const to = builder.temp();
  const address = addressOfCount(lowering, count);
  builder.emit({ op: 'add-at', to, address, value: builder.constant(1n) });
  return to;
}

/** What a count of the watch is now. */
export function readCount(lowering: Lowering, count: string): Temp {
  const { builder } = lowering;
  const to = builder.temp();
  builder.emit({ op: 'load-at', to, address: addressOfCount(lowering, count), bytes: 8 });
  return to;
}

/** The address of a count of the watch, in its handler. */
export function addressOfCount({ builder, watch }: Lowering, count: string): Temp {
  const offset = watch?.counts[count];
  if (offset === undefined) throw new Error(`no watch counts '${count}' here`);
  const to = builder.temp();
  builder.emit({ op: 'shared', to, offset });
  return to;
}

/**
 * `count++` and its like on a variable of the program: a compare-and-exchange until no other CPU was faster,
 * so that no step is lost. Every turn costs fuel.
 */
export function updateShared(
  lowering: Lowering,
  update: {
    readonly address: Temp;
    readonly source: Lvalue;
    readonly old: OldValue;
    readonly yields: 'new' | 'old';
  },
  change: () => Temp,
): Temp {
  const { builder } = lowering;
  const { address, source, old, yields } = update;
  const bytes = scalarLayout(source.type)!.sizeBytes as ScalarBytes;
  const [again, done] = [builder.block(), builder.block()];
  builder.jumpInto(again);
  builder.emit({ op: 'fuel', sourceOffset: source.at });
  const expected = builder.temp();
  builder.emit({ op: 'load-at', to: expected, address, bytes });
  const found = normalise(builder, source.type, expected);
  lowering.olds.set(old, found);
  const desired = change();
  const to = builder.temp();
  builder.emit({ op: 'exchange', to, address, expected, desired, bytes, sourceOffset: source.at });
  builder.terminate({ op: 'branch', condition: to, then: done, otherwise: again });
  builder.enter(done);
  return yields === 'new' ? desired : found;
}

/**
 * Appends a row: its place is taken by compare-and-exchange, so that no two CPUs have the same. A row that
 * finds no room is counted.
 */
export function lowerSharedRow(
  lowering: Lowering,
  {
    reportIndex,
    from,
    bytes,
  }: { readonly reportIndex: number; readonly from: LocalOffset; readonly bytes: number },
): void {
  const { builder } = lowering;
  const [again, fits, taken, full, done] = [0, 1, 2, 3, 4].map(() => builder.block());
  const used = area(lowering, 'used');
  const limit = builder.binary('sub', area(lowering, 'size'), builder.constant(BigInt(RESERVED_ROWS_BYTES)));
  builder.jumpInto(again!);
  builder.emit({ op: 'fuel', sourceOffset: 0 });
  const at = builder.temp();
  builder.emit({ op: 'load-at', to: at, address: used, bytes: 8 });
  const end = builder.binary('add', at, builder.constant(BigInt(ROW_HEADER_BYTES + bytes)));
  builder.branchInto(builder.binary('ule', end, limit), fits!, full!);
  const won = builder.temp();
  const exchange = { expected: at, desired: end, bytes: 8, sourceOffset: 0 } as const;
  builder.emit({ op: 'exchange', to: won, address: used, ...exchange });
  builder.branchInto(won, taken!, again!);
  let to = builder.binary('add', area(lowering, 'start'), at);
  storeAt(lowering, to, builder.constant((BigInt(bytes) << 32n) | BigInt(reportIndex)));
  for (let offset = 0; offset < bytes; offset += 8) {
    to = builder.binary('add', to, builder.constant(8n));
    storeAt(lowering, to, builder.load(from + offset));
  }
  builder.terminate({ op: 'jump', target: done! });
  builder.enter(full!);
  countInWatch(lowering, 'dropped');
  const droppedAt = area(lowering, 'dropped');
  builder.emit({ op: 'add-at', to: builder.temp(), address: droppedAt, value: builder.constant(1n) });
  builder.jumpInto(done!);
}

function storeAt({ builder }: Lowering, address: Temp, from: Temp): void {
  builder.emit({ op: 'store-at', address, from, bytes: 8 });
}

function area({ builder }: Lowering, what: 'start' | 'used' | 'dropped' | 'size'): Temp {
  const to = builder.temp();
  builder.emit({ op: 'area', to, what });
  return to;
}
