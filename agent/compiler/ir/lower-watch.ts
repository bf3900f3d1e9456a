import { type ProbeLayout, type TypedWatch, WATCH_COUNTS, watchText } from '../check/index.ts';
import { END, type LocalOffset, type Temp } from './blocks/index.ts';
import { ENDLESS, lowerEntryClock, lowerHandler } from './lower-handler.ts';
import type { LoweredProbe, Lowering, WatchSharing } from './lowering.ts';

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;

/** Calls of a function that may be on their way at once, so that their returns are seen. */
const RETURNS_AT_ONCE = 1024n;

/** Bytes that the kernel has for each of them, if the watch keeps a time there. */
const ENTRY_CLOCK_BYTES = 8n;

/** Where a watch keeps what it counts, and what it waits by. */
interface WatchState {
  readonly counts: WatchSharing['counts'];
  readonly start: LocalOffset;
  readonly windowStart: LocalOffset;
  readonly probe: LoweredProbe;
}

/**
 * `watch`: registers a kprobe or kretprobe whose handler is the body, waits in sleeps of a tick until so many
 * hits count or the time is over, takes the probe out, and goes on.
 *
 * The probe lives in init: the sleep ends when the loader is killed, and every end of the program takes the
 * probe out (see {@link takeOut}), before the kernel frees the memory of the module. unregister_kprobe() and
 * unregister_kretprobe() wait until no CPU runs the handler any more (kernel/kprobes.c, v6.12); a call that
 * returns later comes to no handler.
 *
 * Threat: a watch on a function that is entered a million times a second takes the host down. The body runs
 * as often in a second as the program says, and then the watch ends; the host's policy limits that number.
 */
export function lowerWatch(lowering: Lowering, watch: TypedWatch): void {
  const state = newState(lowering, watch);
  const changes: (readonly [LocalOffset, number])[] = [];
  const { returns } = watch.support.probe;
  const sharing = { program: lowering, shared: watch.shared, changes, counts: state.counts, returns };
  const handler = lowerHandler(watch, sharing);
  if (lowering.target === 'interpreter') return lowerForPlan(lowering, watch, { state, changes });
  lowering.mark({ kind: 'sleeps', name: 'watch', reason: 'waits for its hits', at: watch.at });
  lowering.probes.push(state.probe);
  const index = lowering.handlers.push(handler) - 1;
  const entryIndex =
    returns && watch.isTimed ? lowering.handlers.push(lowerEntryClock(returns)) - 1 : undefined;
  register(lowering, watch, { state, index, entryIndex });
  waitForEnd(lowering, watch, state);
  takeOut(lowering, state.probe);
  summarise(lowering, watch, state);
}

function newState(lowering: Lowering, { support }: TypedWatch): WatchState {
  const names = [...WATCH_COUNTS, 'allowed'];
  const first = lowering.allocate(names.length * 8);
  const counts = Object.fromEntries(names.map((name, index) => [name, first + index * 8]));
  const [start, windowStart, registered] = [8, 8, 8].map(bytes => lowering.allocate(bytes));
  const place = lowering.allocate(support.probe.sizeBytes);
  const probe = { registered: registered!, place, unregister: support.unregister };
  return { counts, start: start!, windowStart: windowStart!, probe };
}

interface Registering {
  readonly state: WatchState;
  /** Which handler the body is. */
  readonly index: number;
  /** Which handler notes the time of each entry, where returns are watched. */
  readonly entryIndex: number | undefined;
}

function register(lowering: Lowering, watch: TypedWatch, registering: Registering): void {
  const { builder } = lowering;
  const { counts, probe, start, windowStart } = registering.state;
  const { register: registerProbe, clock } = watch.support;
  builder.emit({ op: 'zero', offset: counts['hits']!, bytes: WATCH_COUNTS.length * 8 });
  fillProbe(lowering, watch, registering);
  builder.store(counts['allowed']!, builder.constant(BigInt(watch.atMost)));
  const now = lowering.call(clock, []);
  builder.store(start, now);
  builder.store(windowStart, now);
  const error = asInt(lowering, lowering.call(registerProbe, [builder.local(probe.place)]));
  const [refused, registered] = [builder.block(), builder.block()];
  builder.branchInto(error, refused, registered);
  builder.terminate({ op: 'end', end: END.SKIPPED, sourceOffset: watch.at, detail: error });
  builder.enter(registered);
  builder.store(probe.registered, builder.constant(1n));
}

/** Writes the kernel's structure for the probe. */
function fillProbe(
  lowering: Lowering,
  { support: { probe }, watched }: TypedWatch,
  { state, index, entryIndex }: Registering,
): void {
  const { builder } = lowering;
  const { place } = state.probe;
  builder.emit({ op: 'zero', offset: place, bytes: probe.sizeBytes });
  builder.store(place + probe.addr, builder.constant(watched.address));
  builder.store(place + probe.handler, handlerAddress(lowering, index));
  const { returns } = probe;
  if (!returns) return;
  const from = builder.constant(RETURNS_AT_ONCE);
  builder.emit({ op: 'store', offset: place + returns.maxactive, from, bytes: 4 });
  if (entryIndex === undefined) return;
  builder.store(place + returns.entryHandler, handlerAddress(lowering, entryIndex));
  builder.store(place + returns.dataSize, builder.constant(ENTRY_CLOCK_BYTES));
}

function handlerAddress({ builder }: Lowering, handler: number): Temp {
  const to = builder.temp();
  builder.emit({ op: 'handler', to, handler });
  return to;
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
export function takeOut(lowering: Lowering, { registered, place, unregister }: LoweredProbe): void {
  const { builder } = lowering;
  const [there, gone] = [builder.block(), builder.block()];
  builder.branchInto(builder.load(registered), there, gone);
  builder.store(registered, builder.constant(0n));
  lowering.call(unregister, [builder.local(place)]);
  builder.jumpInto(gone);
}

/** The row that says how the watch went: what it did not see is told, too. */
function summarise(
  lowering: Lowering,
  { support, summary }: TypedWatch,
  { counts, probe }: WatchState,
): void {
  const { builder } = lowering;
  builder.store(counts['missed']!, missedBy(lowering, support.probe, probe.place));
  const bytes = WATCH_COUNTS.length * 8;
  builder.emit({ op: 'row', reportIndex: summary, from: counts['hits']!, bytes });
}

/** What the probe did not see, by the kernel's own counts. */
function missedBy({ builder }: Lowering, { missed }: ProbeLayout, place: LocalOffset): Temp {
  return missed
    .map(({ offset, bytes }): Temp => {
      const to = builder.temp();
      builder.emit({ op: 'load', to, offset: place + offset, bytes });
      return to;
    })
    .reduce((sum, each) => builder.binary('add', sum, each));
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
