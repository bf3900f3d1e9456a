import type { ArrivalSupport, TypedDeny } from '../check/index.ts';
import { END, type LocalOffset, type Temp } from './blocks/index.ts';
import { finishHandler } from './lower-handler.ts';
import { handlerAddress } from './lower-watch.ts';
import { type Arrival, type LoweredDeny, Lowering } from './lowering.ts';
import { asInt, ENOENT } from './watch-state.ts';

// A deny in a module that may not be there: the kernel tells of modules that come and go.

/** `placed` of `DENY_STATE`. */
const PLACED = { not: 0n, yes: 1n, now: 2n } as const;

const WORD_BYTES = 8;

/**
 * Modules that come are told to this one behind all of the kernel's own: what may not be probed is known by
 * then, and static keys are in place. Those that go are told to the other one before the kernel's own.
 *
 * Threat: a probe that is still there when kprobes learn that a module goes is marked as gone, and on some
 * kernels ftrace keeps its address (kill_kprobe(), kernel/kprobes.c; seen with v5.10.223). When the module is
 * back, ftrace finds that and ends itself for the rest of the boot.
 */
const PRIORITY = { coming: -1n, going: 0x7fff_ffffn } as const;

/** How code comes to the memory of the program: it is the program, or one of its handlers. */
type Reach = (offset: LocalOffset) => Temp;

/** Room for it. */
export function allocateArrival(
  lowering: Lowering,
  { support, probe }: { readonly support: ArrivalSupport; readonly probe: { readonly sizeBytes: number } },
): Arrival {
  const block = support.notifier.sizeBytes;
  const [coming, going, fresh, came] = [block, block, probe.sizeBytes, WORD_BYTES].map(bytes =>
    lowering.allocate(bytes),
  );
  return { support, coming: coming!, going: going!, fresh: fresh!, came: came! };
}

/**
 * Registers the deny of a function of a module: its probe is placed now, if the module is there, and whenever
 * it comes. The kernel finds the function by name then. The probe in `arrival.fresh` has its handlers.
 *
 * Threats: a module that is taken out and loaded again, so that its function is denied no more; one that
 * comes while the deny is registered, and is told to nobody. So the deny is told of modules first, and looks
 * for its own then; who of both places the probe is decided by one exchange, and who was told meanwhile looks
 * again.
 */
export function lowerArrival(lowering: Lowering, { denied, at }: TypedDeny, deny: LoweredDeny): void {
  const { builder } = lowering;
  const { arrival, placed, error, probe } = deny;
  const { support, fresh } = arrival!;
  builder.store(fresh + support.symbolName, builder.local(storeText(lowering, nameOf(denied))));
  const handler = lowering.handlers.push(arrivalHandler(deny)) - 1;
  // The clean-up takes out both, also if only one could be registered.
  builder.store(probe.registered, builder.constant(1n));
  for (const which of ['coming', 'going'] as const) {
    const block = arrival![which];
    builder.emit({ op: 'zero', offset: block, bytes: support.notifier.sizeBytes });
    builder.store(block + support.notifier.call, handlerAddress(lowering, handler));
    const priority = builder.constant(PRIORITY[which] & 0xffff_ffffn);
    builder.emit({ op: 'store', offset: block + support.notifier.priority, from: priority, bytes: 4 });
    endIf(lowering, at, asInt(lowering, lowering.call(support.register, [builder.local(block)])));
  }
  const reach: Reach = offset => builder.local(offset);
  lowerPlacing(lowering, deny, reach);
  const failed = builder.load(error);
  const isThere = builder.binary('ne', failed, builder.constant(-ENOENT));
  const isWaiting = builder.binary('eq', builder.load(placed), builder.constant(PLACED.not));
  const isBad = builder.binary('and', isThere, isWaiting);
  endIf(lowering, at, builder.binary('mul', failed, isBad));
}

/** Takes all out: nobody is told of modules any more, then the probe goes if it is placed. */
export function lowerDeparture(lowering: Lowering, deny: LoweredDeny, reach: Reach): void {
  const { builder } = lowering;
  const { arrival, placed, probe } = deny;
  const [registered, rest, there, gone] = [0, 1, 2, 3].map(() => builder.block());
  builder.branchInto(loadAt(lowering, reach(probe.registered)), registered!, rest!);
  storeAt(lowering, reach(probe.registered), builder.constant(0n));
  for (const which of ['coming', 'going'] as const)
    lowering.call(arrival!.support.unregister, [reach(arrival![which])]);
  builder.jumpInto(rest!);
  const isPlaced = builder.binary('eq', loadAt(lowering, reach(placed)), builder.constant(PLACED.yes));
  builder.branchInto(isPlaced, there!, gone!);
  storeAt(lowering, reach(placed), builder.constant(PLACED.not));
  lowering.call(probe.unregister, [reach(probe.place)]);
  builder.jumpInto(gone!);
}

/**
 * What the kernel calls when a module comes or goes, `int (struct notifier_block *, unsigned long action,
 * void *module)`: where the handler of a probe has its registers, this one has the action. It may sleep, and
 * never refuses a module.
 *
 * One that came has the function or has not; which it is, is not looked at.
 */
function arrivalHandler(deny: LoweredDeny) {
  const lowering = new Lowering(undefined, 'module');
  const { builder } = lowering;
  const { support, coming, going, came } = deny.arrival!;
  const reach: Reach = offset => {
    const to = builder.temp();
    builder.emit({ op: 'shared', to, offset });
    return to;
  };
  const told = (block: LocalOffset, wanted: bigint): Temp => {
    const [instance, action] = [builder.temp(), builder.temp()];
    builder.emit({ op: 'instance', to: instance });
    builder.emit({ op: 'registers', to: action });
    const isMeant = builder.binary('eq', action, builder.constant(wanted));
    return builder.binary('and', builder.binary('eq', instance, reach(block)), isMeant);
  };
  const [comes, next, goes, done, abandoned] = [0, 1, 2, 3, 4].map(() => builder.block());
  builder.branchInto(told(coming, support.coming), comes!, next!);
  addAt(lowering, reach(came), 1n);
  lowerPlacing(lowering, deny, reach);
  builder.terminate({ op: 'jump', target: done! });
  builder.enter(next!);
  builder.branchInto(told(going, support.going), goes!, done!);
  lowerGoing(lowering, deny, reach);
  builder.jumpInto(done!);
  builder.terminate({ op: 'leave' });
  builder.enter(abandoned!);
  builder.terminate({ op: 'leave' });
  return finishHandler(lowering, 'entry', abandoned);
}

/** A module goes: takes the probe out if it is in there. */
function lowerGoing(lowering: Lowering, deny: LoweredDeny, reach: Reach): void {
  const { builder } = lowering;
  const { placed, probe, support, arrival } = deny;
  const [placedNow, inside, mine, done] = [0, 1, 2, 3].map(() => builder.block());
  const isPlaced = builder.binary('eq', loadAt(lowering, reach(placed)), builder.constant(PLACED.yes));
  builder.branchInto(isPlaced, placedNow!, done!);
  const address = loadAt(lowering, reach(probe.place + support.probe.addr));
  const module = builder.temp();
  builder.emit({ op: 'third', to: module });
  const isInside = builder.binary('eq', lowering.call(arrival!.support.holderOf, [address]), module);
  builder.branchInto(isInside, inside!, done!);
  const won = exchangePlaced(lowering, deny, { reach, from: PLACED.yes, to: PLACED.now });
  builder.branchInto(won, mine!, done!);
  lowering.call(probe.unregister, [reach(probe.place)]);
  storeAt(lowering, reach(placed), builder.constant(PLACED.not));
  builder.jumpInto(done!);
}

/** Changes `placed`, unless it is another by now. Gives whether it did. */
function exchangePlaced(
  { builder }: Lowering,
  { placed, sourceOffset }: LoweredDeny,
  { reach, from, to }: { readonly reach: Reach; readonly from: bigint; readonly to: bigint },
): Temp {
  const won = builder.temp();
  const [expected, desired] = [builder.constant(from), builder.constant(to)];
  builder.emit({
    op: 'exchange',
    to: won,
    address: reach(placed),
    expected,
    desired,
    bytes: 8,
    sourceOffset,
  });
  return won;
}

/** Places the probe, unless it is placed or somebody else does it now. */
function lowerPlacing(lowering: Lowering, deny: LoweredDeny, reach: Reach): void {
  const { builder } = lowering;
  const { arrival, placed, error, probe, support } = deny;
  const { fresh, came } = arrival!;
  const [again, mine, failed, fine, done] = [0, 1, 2, 3, 4].map(() => builder.block());
  builder.jumpInto(again!);
  const before = addAt(lowering, reach(came), 0n);
  const won = exchangePlaced(lowering, deny, { reach, from: PLACED.not, to: PLACED.now });
  builder.branchInto(won, mine!, done!);
  for (let offset = 0; offset < support.probe.sizeBytes; offset += WORD_BYTES)
    storeAt(lowering, reach(probe.place + offset), loadAt(lowering, reach(fresh + offset)));
  const refused = asInt(lowering, lowering.call(support.register, [reach(probe.place)]));
  storeAt(lowering, reach(error), refused);
  builder.branchInto(refused, failed!, fine!);
  storeAt(lowering, reach(placed), builder.constant(PLACED.not));
  // Behind this no CPU reads what came from before it wrote that.
  addAt(lowering, reach(came), 0n);
  const isSame = builder.binary('eq', loadAt(lowering, reach(came)), before);
  builder.terminate({ op: 'branch', condition: isSame, then: done!, otherwise: again! });
  builder.enter(fine!);
  storeAt(lowering, reach(placed), builder.constant(PLACED.yes));
  builder.jumpInto(done!);
}

/** How kernels name a function of a module where they look for one (module_kallsyms_lookup_name(), v6.12). */
function nameOf({ name, module }: TypedDeny['denied']): string {
  return `${module}:${name}`;
}

function storeText(lowering: Lowering, text: string): LocalOffset {
  const { builder } = lowering;
  const bytes = Buffer.alloc(Math.ceil((text.length + 1) / WORD_BYTES) * WORD_BYTES);
  bytes.write(text, 'latin1');
  const start = lowering.allocate(bytes.length);
  for (let at = 0; at < bytes.length; at += WORD_BYTES)
    builder.store(start + at, builder.constant(bytes.readBigUInt64LE(at)));
  return start;
}

/** Ends the program with the error, if there is one. */
function endIf({ builder }: Lowering, sourceOffset: number, error: Temp): void {
  const [refused, fine] = [builder.block(), builder.block()];
  builder.branchInto(error, refused, fine);
  builder.terminate({ op: 'end', end: END.SKIPPED, sourceOffset, detail: error });
  builder.enter(fine);
}

function loadAt({ builder }: Lowering, address: Temp, bytes: 4 | 8 = 8): Temp {
  const to = builder.temp();
  builder.emit({ op: 'load-at', to, address, bytes });
  return to;
}

function storeAt({ builder }: Lowering, address: Temp, from: Temp): void {
  builder.emit({ op: 'store-at', address, from, bytes: 8 });
}

/** Adds atomically; gives what is there then. No CPU sees what follows before what it has done until here. */
function addAt({ builder }: Lowering, address: Temp, by: bigint): Temp {
  const to = builder.temp();
  builder.emit({ op: 'add-at', to, address, value: builder.constant(by) });
  return to;
}
