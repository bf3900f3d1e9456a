import { type ProbeLayout, type TypedWatch, WATCH_COUNTS, watchText } from '../check/index.ts';
import { END, type HandlerProgram, type LocalOffset, type Temp } from './blocks/index.ts';
import { lowerEntryClock, lowerHandler } from './lower-handler.ts';
import type { Lowering } from './lowering.ts';
import { waitForHits } from './wait-for-hits.ts';
import { allow, asInt, ENOENT, type OpenWatch, takeOut, type WatchState } from './watch-state.ts';

/** Calls of a function that may be on their way at once, so that their returns are seen. */
const RETURNS_AT_ONCE = 1024n;

/** Bytes that the kernel has for each of them, if the watch keeps a time there. */
const ENTRY_CLOCK_BYTES = 8n;

/**
 * `watch`: registers a kprobe or kretprobe whose handler is the body, waits in sleeps of a tick until so many
 * hits count or the time is over, takes the probe out, and goes on. `watch_any` and `watch_all` wait for
 * several.
 *
 * The probe lives in init: the sleep ends when the loader is killed, and every end of the program takes the
 * probe out (see {@link takeOut}), before the kernel frees the memory of the module. unregister_kprobe() and
 * unregister_kretprobe() wait until no CPU runs the handler any more (kernel/kprobes.c, v6.12); a call that
 * returns later comes to no handler.
 *
 * Threat: a watch on a function that is entered a million times a second takes the host down. The body runs
 * as often in a second as the program says, and then the watch ends; the host's policy limits that number.
 * The same holds for the time that bodies take: see {@link SLOW_LIMIT_NS}.
 */
export function lowerWatches(
  lowering: Lowering,
  watches: readonly TypedWatch[],
  group: { readonly ends: 'any' | 'all'; readonly at: number },
): void {
  const prepared = watches.map(watch => prepare(lowering, watch));
  if (lowering.target === 'interpreter') return lowerForPlan(lowering, prepared);
  lowering.mark({ kind: 'sleeps', name: 'watch', reason: 'waits for its hits', at: group.at });
  for (const { watch, state, handler } of prepared) {
    const { returns } = watch.support.probe;
    lowering.probes.push(state.probe);
    const index = lowering.handlers.push(handler) - 1;
    const entryIndex =
      returns && watch.isTimed ? lowering.handlers.push(lowerEntryClock(returns)) - 1 : undefined;
    register(lowering, watch, { state, index, entryIndex });
  }
  waitForHits(lowering, prepared, group);
  for (const { state } of prepared) takeOut(lowering, state.probe);
  for (const { watch, state } of prepared) summarise(lowering, watch, state);
}

interface PreparedWatch extends OpenWatch {
  readonly handler: HandlerProgram;
  /** Pieces of the program's own memory that the handler may change. */
  readonly changes: readonly (readonly [LocalOffset, number])[];
}

function prepare(lowering: Lowering, watch: TypedWatch): PreparedWatch {
  const state = newState(lowering, watch);
  const changes: (readonly [LocalOffset, number])[] = [];
  const { counts } = state;
  const { returns } = watch.support.probe;
  const handler = lowerHandler(watch, { program: lowering, shared: watch.shared, changes, counts, returns });
  return { watch, state, handler, changes };
}

/** What the handler and the waiting program compare with each other, beside the counts of the row. */
const LIMITS = ['allowed', 'allowedNs', 'spentNs'] as const;

const COUNT_BYTES = 8;

function newState(lowering: Lowering, { support, holder }: TypedWatch): WatchState {
  const names = [...WATCH_COUNTS, ...LIMITS];
  const first = lowering.allocate(names.length * COUNT_BYTES);
  const counts = Object.fromEntries(names.map((name, index) => [name, first + index * COUNT_BYTES]));
  const [start, windowStart, registered] = [8, 8, 8].map(bytes => lowering.allocate(bytes));
  const place = lowering.allocate(support.probe.sizeBytes);
  const kept = holder && { at: lowering.allocate(8), put: holder.put };
  const probe = { registered: registered!, place, unregister: support.unregister, holder: kept };
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
  builder.emit({
    op: 'zero',
    offset: counts['hits']!,
    bytes: (WATCH_COUNTS.length + LIMITS.length) * COUNT_BYTES,
  });
  fillProbe(lowering, watch, registering);
  allow(lowering, { watch, state: registering.state });
  const now = lowering.call(clock, []);
  builder.store(start, now);
  builder.store(windowStart, now);
  keepModule(lowering, watch, probe);
  const error = asInt(lowering, lowering.call(registerProbe, [builder.local(probe.place)]));
  const [refused, registered] = [builder.block(), builder.block()];
  builder.branchInto(error, refused, registered);
  builder.terminate({ op: 'end', end: END.SKIPPED, sourceOffset: watch.at, detail: error });
  builder.enter(registered);
  builder.store(probe.registered, builder.constant(1n));
}

/**
 * Keeps the module of the function in the kernel until the watch is over.
 *
 * Threat: a probe that is still there when its module goes leaves its address with ftrace on some kernels
 * (kill_kprobe(), kernel/kprobes.c; seen with v5.10.223). When the module is back, ftrace finds that and ends
 * itself for the rest of the boot.
 */
function keepModule(
  lowering: Lowering,
  { holder, watched, at }: TypedWatch,
  { holder: kept }: WatchState['probe'],
): void {
  if (!holder || !kept) return;
  const { builder } = lowering;
  const module = lowering.call(holder.holderOf, [builder.constant(watched.address)]);
  const [there, gone, held] = [builder.block(), builder.block(), builder.block()];
  builder.branchInto(module, there, gone);
  const isHeld = builder.temp();
  const from = lowering.call(holder.get, [module]);
  builder.emit({ op: 'extend', to: isHeld, from, bits: 8, signed: false });
  builder.terminate({ op: 'branch', condition: isHeld, then: held, otherwise: gone });
  builder.enter(gone);
  builder.terminate({ op: 'end', end: END.SKIPPED, sourceOffset: at, detail: builder.constant(-ENOENT) });
  builder.enter(held);
  builder.store(kept.at, module);
}

/** Writes the kernel's structure for the probe. */
function fillProbe(
  lowering: Lowering,
  { support: { probe }, watched, offset }: TypedWatch,
  { state, index, entryIndex }: Registering,
): void {
  const { builder } = lowering;
  const { place } = state.probe;
  builder.emit({ op: 'zero', offset: place, bytes: probe.sizeBytes });
  builder.store(place + probe.addr, builder.constant(watched.address + BigInt(offset)));
  builder.store(place + probe.handler, handlerAddress(lowering, index));
  const { returns } = probe;
  if (!returns) return;
  const from = builder.constant(RETURNS_AT_ONCE);
  builder.emit({ op: 'store', offset: place + returns.maxactive, from, bytes: 4 });
  if (entryIndex === undefined) return;
  builder.store(place + returns.entryHandler, handlerAddress(lowering, entryIndex));
  builder.store(place + returns.dataSize, builder.constant(ENTRY_CLOCK_BYTES));
}

/** The address of a handler's code. */
export function handlerAddress({ builder }: Lowering, handler: number): Temp {
  const to = builder.temp();
  builder.emit({ op: 'handler', to, handler });
  return to;
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

function lowerForPlan(lowering: Lowering, watches: readonly PreparedWatch[]): void {
  const bytes = WATCH_COUNTS.length * COUNT_BYTES;
  const { builder } = lowering;
  for (const { watch, state, changes } of watches) {
    const { name } = watch.watched;
    const all = [...changes, [state.counts['hits']!, bytes] as const];
    builder.emit({
      op: 'watch',
      kind: 'watch',
      name,
      text: watchText(watch),
      changes: all,
      sourceOffset: watch.at,
    });
  }
  for (const { watch, state } of watches)
    builder.emit({ op: 'row', reportIndex: watch.summary, from: state.counts['hits']!, bytes });
}
