import { denyText, type TypedDeny } from '../check/index.ts';
import {
  DENIED_CALLER,
  DENIED_CALLER_BYTES,
  DENIED_CALLERS,
  DENY_STATE,
  DENY_STATE_BYTES,
  END,
  type HandlerProgram,
  type ResidentPart,
  type Temp,
} from './blocks/index.ts';
import { allocateArrival, lowerArrival, lowerDeparture } from './lower-arrival.ts';
import { lowerValue } from './lower-expression.ts';
import { lowerFunctions } from './lower-function.ts';
import { finishHandler, lowerParameters } from './lower-handler.ts';
import { handlerAddress } from './lower-watch.ts';
import { type LoweredDeny, Lowering } from './lowering.ts';
import { addressOfCount, countInWatch, readCount } from './watch-sharing.ts';
import { asInt, takeOut } from './watch-state.ts';

const NS_PER_MS = 1_000_000n;

/**
 * `deny`: registers a kprobe whose handler lets the function return at once where the condition holds. The
 * module stays when the program has come to its end, and takes the probe out when it is unloaded; any other
 * end takes it out at once.
 *
 * The probe has an empty `post_handler`, so that the kernel neither optimises it to a jump, whose handler
 * cannot change the way (can_optimize(), kernel/kprobes.c, v6.12), nor puts another way-changing user on it.
 *
 * A deny that is in force already, because the statement is in a loop, stays as it is.
 *
 * Threat: everything of farcall's is gone, and a deny stays forever. So the handler itself looks at the
 * clock of the boot, which nobody can set, and lets everything pass once the life is over.
 */
export function lowerDeny(lowering: Lowering, deny: TypedDeny): void {
  const { builder } = lowering;
  const state = lowering.allocate(DENY_STATE_BYTES);
  const counts = Object.fromEntries(
    Object.entries(DENY_STATE).map(([name, offset]) => [name, state + offset]),
  );
  const changes: (readonly [number, number])[] = [];
  const sharing = { program: lowering, shared: deny.shared, changes, counts, returns: undefined };
  const handler = lowerDenyHandler(deny, sharing);
  if (lowering.target === 'interpreter') {
    const { denied, at } = deny;
    builder.emit({
      op: 'watch',
      kind: 'deny',
      name: denied.name,
      text: denyText(deny),
      changes,
      sourceOffset: at,
    });
    return;
  }
  lowering.mark({ kind: 'sleeps', name: 'deny', reason: 'waits for all CPUs', at: deny.at });
  const { support } = deny;
  const registered = lowering.allocate(8);
  const place = lowering.allocate(support.probe.sizeBytes);
  const lowered: LoweredDeny = {
    state,
    placed: counts['placed']!,
    error: counts['error']!,
    probe: { registered, place, unregister: support.unregister },
    support,
    arrival: deny.arrivals && allocateArrival(lowering, { support: deny.arrivals, probe: support.probe }),
    sourceOffset: deny.at,
  };
  lowering.denies.push(lowered);
  const index = lowering.handlers.push(handler) - 1;
  lowering.emptyHandler ??= lowering.handlers.push(emptyHandler()) - 1;
  // In a loop the statement comes again, and a probe that the kernel has must not be written.
  const [again, fresh, done] = [0, 1, 2].map(() => builder.block());
  builder.branchInto(builder.load(registered), again!, fresh!);
  builder.terminate({ op: 'jump', target: done! });
  builder.enter(fresh!);
  const filled = lowered.arrival?.fresh ?? place;
  builder.emit({ op: 'zero', offset: filled, bytes: support.probe.sizeBytes });
  builder.store(filled + support.probe.handler, handlerAddress(lowering, index));
  builder.store(filled + support.postHandler, handlerAddress(lowering, lowering.emptyHandler));
  const life = builder.constant(BigInt(deny.lifeMs) * NS_PER_MS);
  builder.store(counts['until']!, builder.binary('add', lowering.call(support.clock, []), life));
  if (lowered.arrival) lowerArrival(lowering, deny, lowered);
  else registerAt(lowering, deny, lowered);
  builder.jumpInto(done!);
}

/** Registers the probe at the function, which stays where it is. */
function registerAt(
  lowering: Lowering,
  { denied, at }: TypedDeny,
  { probe, placed, support }: LoweredDeny,
): void {
  const { builder } = lowering;
  const { place, registered } = probe;
  builder.store(place + support.probe.addr, builder.constant(denied.address));
  const error = asInt(lowering, lowering.call(support.register, [builder.local(place)]));
  const [refused, fine] = [builder.block(), builder.block()];
  builder.branchInto(error, refused, fine);
  builder.terminate({ op: 'end', end: END.SKIPPED, sourceOffset: at, detail: error });
  builder.enter(fine);
  for (const offset of [registered, placed]) builder.store(offset, builder.constant(1n));
}

/** What runs at each entry of the function: nothing that sleeps, takes a lock or waits. */
function lowerDenyHandler(
  { params, denied, condition, value, support }: TypedDeny,
  sharing: NonNullable<Lowering['watch']>,
): HandlerProgram {
  const lowering = new Lowering(undefined, 'module', { watch: sharing });
  const { builder } = lowering;
  const [meant, inLife, pass, abandoned] = [0, 1, 2, 3].map(() => builder.block());
  lowerParameters(lowering, { params, watched: denied });
  if (condition) builder.branchInto(lowerValue(lowering, condition), meant!, pass!);
  else builder.jumpInto(meant!);
  const now = lowering.call(support.clock, []);
  builder.branchInto(builder.binary('ult', now, readCount(lowering, 'until')), inLife!, pass!);
  noteCaller(lowering, support.task, now);
  const { returnAt } = support;
  builder.emit({ op: 'divert', value: builder.constant(value), returnAt: returnAt?.address });
  builder.terminate({ op: 'leave', isDiverted: true });
  builder.enter(pass!);
  builder.terminate({ op: 'leave' });
  lowerFunctions(lowering);
  builder.enter(abandoned!);
  countInWatch(lowering, 'abandoned');
  builder.terminate({ op: 'leave' });
  if (lowering.checkedPointers.length > 0) throw new Error('the condition of a deny calls a pointer');
  return finishHandler(lowering, 'entry', abandoned);
}

/** A caller that is being noted has no number yet, so that nobody takes half of it for a whole. */
function noteCaller(lowering: Lowering, task: TypedDeny['support']['task'], now: Temp): void {
  const { builder } = lowering;
  const number = countInWatch(lowering, 'hits');
  const index = builder.binary(
    'and',
    builder.binary('sub', number, builder.constant(1n)),
    builder.constant(BigInt(DENIED_CALLERS - 1)),
  );
  const offset = builder.binary('mul', index, builder.constant(BigInt(DENIED_CALLER_BYTES)));
  const place = builder.binary('add', addressOfCount(lowering, 'callers'), offset);
  const current = builder.temp();
  const at = (base: Temp, distance: number): Temp =>
    distance === 0 ? base : builder.binary('add', base, builder.constant(BigInt(distance)));
  const copy = (to: number, from: Temp, bytes: 4 | 8): void => {
    const value = builder.temp();
    builder.emit({ op: 'load-at', to: value, address: from, bytes });
    builder.emit({ op: 'store-at', address: at(place, to), from: value, bytes });
  };
  builder.emit({ op: 'store-at', address: place, from: builder.constant(0n), bytes: 8 });
  builder.emit({ op: 'store-at', address: at(place, DENIED_CALLER.atNs), from: now, bytes: 8 });
  builder.emit({ op: 'current', to: current, perCpu: task.perCpu });
  copy(DENIED_CALLER.pid, at(current, task.pid), 4);
  copy(DENIED_CALLER.tgid, at(current, task.tgid), 4);
  const cred = builder.temp();
  builder.emit({ op: 'load-at', to: cred, address: at(current, task.cred), bytes: 8 });
  copy(DENIED_CALLER.uid, at(cred, task.uid), 4);
  copy(DENIED_CALLER.comm, at(current, task.comm), 8);
  copy(DENIED_CALLER.comm + 8, at(current, task.comm + 8), 8);
  builder.emit({ op: 'store-at', address: place, from: number, bytes: 8 });
}

function emptyHandler(): HandlerProgram {
  const lowering = new Lowering(undefined, 'module');
  lowering.builder.terminate({ op: 'leave' });
  return finishHandler(lowering, 'entry', undefined);
}

/**
 * In the clean-up: denies stay if the program has come to its own end, and all of them go if it has not. So a
 * program denies everything that it says, or nothing. Gives where it says whether the module stays.
 */
export function lowerDenyCleanup(lowering: Lowering): void {
  const { builder, denies } = lowering;
  if (denies.length === 0) return;
  const [start, end] = [builder.temp(), builder.temp()];
  builder.emit({ op: 'area', to: start, what: 'start' });
  builder.emit({ op: 'load-at', to: end, address: start, bytes: 8 });
  const is = (wanted: number): Temp => builder.binary('eq', end, builder.constant(BigInt(wanted)));
  const isFine = builder.binary('or', is(END.RETURNED), is(END.FINISHED));
  const [stay, go, done] = [builder.block(), builder.block(), builder.block()];
  builder.branchInto(isFine, stay, go);
  for (const { probe } of denies) {
    const stays = builder.binary('or', builder.load(lowering.needStays()), builder.load(probe.registered));
    builder.store(lowering.needStays(), stays);
  }
  builder.terminate({ op: 'jump', target: done });
  builder.enter(go);
  for (const deny of denies)
    if (deny.arrival) lowerDeparture(lowering, deny, offset => builder.local(offset));
    else takeOut(lowering, deny.probe);
  builder.jumpInto(done);
}

/** What of the program stays in the kernel: the way out of the module, and where its denies are. */
export function residentPart(lowering: Lowering): ResidentPart | undefined {
  const { denies, handlers } = lowering;
  if (denies.length === 0) return undefined;
  const exit = handlers.push(exitHandler(lowering, denies)) - 1;
  return {
    exit,
    stays: lowering.needStays(),
    denies: denies.map(({ state, probe, support: { probe: layout }, sourceOffset }) => ({
      sourceOffset,
      state,
      missed: probe.place + layout.missed[0]!.offset,
    })),
  };
}

/**
 * What the kernel calls when the module is unloaded. unregister_kprobe() comes back when no CPU runs the
 * handler any more (synchronize_rcu() in it, kernel/kprobes.c, v6.12).
 */
function exitHandler(program: Lowering, denies: readonly LoweredDeny[]): HandlerProgram {
  const lowering = new Lowering(undefined, 'module');
  const { builder } = lowering;
  const shared = (offset: number): Temp => {
    const to = builder.temp();
    builder.emit({ op: 'shared', to, offset });
    return to;
  };
  if (program.target !== 'module') throw new Error('only a module has an exit');
  for (const deny of denies) {
    if (deny.arrival) {
      lowerDeparture(lowering, deny, shared);
      continue;
    }
    const { probe } = deny;
    const [there, gone] = [builder.block(), builder.block()];
    const registered = builder.temp();
    builder.emit({ op: 'load-at', to: registered, address: shared(probe.registered), bytes: 8 });
    builder.branchInto(registered, there, gone);
    lowering.call(probe.unregister, [shared(probe.place)]);
    builder.jumpInto(gone);
  }
  builder.terminate({ op: 'leave' });
  return finishHandler(lowering, 'entry', undefined);
}
