import type { TypedWatch } from '../check/index.ts';
import type { LocalOffset, Temp } from './blocks/index.ts';
import { SLOW_LIMIT_NS } from './lower-handler.ts';
import type { LoweredProbe, Lowering, WatchSharing } from './lowering.ts';

/** No such function, or none any more (include/uapi/asm-generic/errno-base.h, v6.12). */
export const ENOENT = 2n;

/** Where a watch keeps what it counts, and what it waits by. */
export interface WatchState {
  readonly counts: WatchSharing['counts'];
  readonly start: LocalOffset;
  readonly windowStart: LocalOffset;
  readonly probe: LoweredProbe;
}

/** A watch that is registered, and what it keeps. */
export interface OpenWatch {
  readonly watch: TypedWatch;
  readonly state: WatchState;
}

/**
 * Takes a probe out, if it is there, and lets its module go. No handler runs any more when this is done.
 */
export function takeOut(lowering: Lowering, { registered, place, unregister, holder }: LoweredProbe): void {
  const { builder } = lowering;
  const [there, gone] = [builder.block(), builder.block()];
  builder.branchInto(builder.load(registered), there, gone);
  builder.store(registered, builder.constant(0n));
  lowering.call(unregister, [builder.local(place)]);
  builder.jumpInto(gone);
  if (!holder) return;
  const [held, free] = [builder.block(), builder.block()];
  const module = builder.load(holder.at);
  builder.branchInto(module, held, free);
  builder.store(holder.at, builder.constant(0n));
  lowering.call(holder.put, [module]);
  builder.jumpInto(free);
}

/** From here on the handler may run as often, and as long, as in a second. */
export function allow({ builder }: Lowering, { watch, state: { counts } }: OpenWatch): void {
  const more = (count: string, by: bigint): Temp =>
    builder.binary('add', builder.load(counts[count]!), builder.constant(by));
  builder.store(counts['allowed']!, more('entered', BigInt(watch.atMost)));
  builder.store(counts['allowedNs']!, more('spentNs', SLOW_LIMIT_NS));
}

/** The result of a function that returns int or a long that fits: its upper bits may be anything. */
export function asInt({ builder }: Lowering, from: Temp): Temp {
  const to = builder.temp();
  builder.emit({ op: 'extend', to, from, bits: 32, signed: true });
  return to;
}
