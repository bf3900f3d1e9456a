import { type Initialisation, type Place, scalarLayout } from '../check/index.ts';
import { sizeOf } from '../ctype/index.ts';
import type { BlockIndex, LocalOffset, ScalarBytes, Temp } from './ir.ts';
import { lowerRecord, lowerValue, normalise } from './lower-expression.ts';
import type { Lowering, Site } from './lowering.ts';

/** A place whose address has been computed: what is evaluated once may be read and written. */
export type ResolvedPlace =
  | { readonly kind: 'local'; readonly offset: LocalOffset; readonly source: Place }
  | { readonly kind: 'memory'; readonly address: Temp; readonly source: Place };

/** Computes where a place is. */
export function resolvePlace(lowering: Lowering, place: Place): ResolvedPlace {
  if (place.kind === 'local') {
    if (place.start) lowerInitialisation(lowering, place.start);
    return { kind: 'local', offset: lowering.offsetOf(place.variable) + place.offset, source: place };
  }
  const base = lowerValue(lowering, place.address);
  return { kind: 'memory', address: moved(lowering, base, place.offset), source: place };
}

/** The address of a place as a value. */
export function addressOf(lowering: Lowering, place: ResolvedPlace): Temp {
  if (place.kind === 'memory') return place.address;
  const to = lowering.builder.temp();
  lowering.builder.emit({ op: 'local', to, offset: place.offset });
  return to;
}

function moved({ builder }: Lowering, base: Temp, offset: number): Temp {
  return offset === 0 ? base : builder.binary('add', base, builder.constant(BigInt(offset)));
}

/** The scalar at a place, in the form that its type has in a temporary. */
export function readPlace(lowering: Lowering, place: ResolvedPlace): Temp {
  const { type, bits } = place.source;
  const raw = readUnit(lowering, place, bits?.unitBytes ?? scalarBytes(place));
  if (!bits) return normalise(lowering.builder, type, raw);
  return extractBits(lowering, place.source, raw, bits.shift);
}

function readUnit({ builder }: Lowering, place: ResolvedPlace, bytes: ScalarBytes): Temp {
  const to = builder.temp();
  if (place.kind === 'local') builder.emit({ op: 'load', to, offset: place.offset, bytes });
  else builder.emit({ op: 'read', to, address: place.address, bytes, place: place.source.at });
  return to;
}

function scalarBytes({ source }: ResolvedPlace): ScalarBytes {
  const layout = scalarLayout(source.type);
  if (!layout) throw new Error('only scalars are read and written as one');
  return layout.sizeBytes as ScalarBytes;
}

/** The `width` bits from `shift` on, extended as their type says. */
function extractBits({ builder }: Lowering, { bits, type }: Place, unit: Temp, shift: number): Temp {
  const width = bits!.width;
  const up = builder.binary('shl', unit, builder.constant(BigInt(64 - shift - width)));
  const down = scalarLayout(type)?.signed ? 'sar' : 'shr';
  return builder.binary(down, up, builder.constant(BigInt(64 - width)));
}

/** Stores a scalar, and gives the value that the place has then: a bit field keeps its low bits (C11 6.5.16, 3). */
export function writePlace(lowering: Lowering, place: ResolvedPlace, value: Temp): Temp {
  const { bits } = place.source;
  if (!bits) {
    writeUnit(lowering, place, value, scalarBytes(place));
    return value;
  }
  if (place.kind === 'local') {
    const old = readUnit(lowering, place, bits.unitBytes);
    writeUnit(lowering, place, insertBits(lowering, place.source, old, value), bits.unitBytes);
  } else {
    exchangeBits(lowering, place, value);
  }
  return extractBits(lowering, place.source, value, 0);
}

function writeUnit(lowering: Lowering, place: ResolvedPlace, from: Temp, bytes: ScalarBytes): void {
  if (place.kind === 'local') {
    lowering.builder.emit({ op: 'store', offset: place.offset, from, bytes });
    return;
  }
  const { address, source } = place;
  lowering.emitAt(siteOf(source), { op: 'write', address, from, bytes, place: source.at });
}

function siteOf({ type, bits, at }: Place): Site {
  return { kind: 'write', type, bits, at };
}

function insertBits({ builder }: Lowering, { bits }: Place, unit: Temp, value: Temp): Temp {
  const { width, shift } = bits!;
  const mask = ((1n << BigInt(width)) - 1n) << BigInt(shift);
  const rest = builder.binary('and', unit, builder.constant(~mask));
  const shifted = builder.binary('shl', value, builder.constant(BigInt(shift)));
  return builder.binary('or', rest, builder.binary('and', shifted, builder.constant(mask)));
}

/**
 * Bits of kernel memory change atomically: other bits of the unit belong to somebody else, who may set them meanwhile. An
 * address that is not aligned is a fault, because a locked access across two cache lines may be one too.
 */
function exchangeBits(
  lowering: Lowering,
  place: Extract<ResolvedPlace, { kind: 'memory' }>,
  value: Temp,
): void {
  const { bits, at } = place.source;
  const unit = { address: place.address, bytes: bits!.unitBytes, place: at };
  if (bits!.unitBytes > 1) faultUnlessAligned(lowering, unit);
  exchangeLoop(lowering, unit, old => insertBits(lowering, place.source, old, value), siteOf(place.source));
}

/** Ends the program as FAULTED where the address is no multiple of `bytes`. */
export function faultUnlessAligned(
  { builder }: Lowering,
  { address, bytes, place }: { readonly address: Temp; readonly bytes: ScalarBytes; readonly place: number },
): void {
  const low = builder.binary('and', address, builder.constant(BigInt(bytes - 1)));
  const [fault, fine]: [BlockIndex, BlockIndex] = [builder.block(), builder.block()];
  builder.branchInto(low, fault, fine);
  builder.terminate({ op: 'fault', address, place });
  builder.enter(fine);
}

/** Replaces a unit of memory by what `change` makes of it, as often as somebody else was faster; gives what was stored. */
export function exchangeLoop(
  lowering: Lowering,
  unit: { readonly address: Temp; readonly bytes: ScalarBytes; readonly place: number },
  change: (old: Temp) => Temp,
  site?: Site,
): Temp {
  const { builder } = lowering;
  const [again, done] = [builder.block(), builder.block()];
  builder.jumpInto(again);
  builder.emit({ op: 'fuel', place: unit.place });
  const expected = builder.temp();
  builder.emit({ op: 'read', to: expected, ...unit });
  const desired = change(expected);
  const to = builder.temp();
  const exchange = { op: 'exchange', to, expected, desired, ...unit } as const;
  if (site) lowering.emitAt(site, exchange);
  else builder.emit(exchange);
  builder.terminate({ op: 'branch', condition: to, then: done, otherwise: again });
  builder.enter(done);
  return desired;
}

/** Brings a structure or array at a place to `to` in the program's own memory. */
export function readBlock(lowering: Lowering, place: ResolvedPlace, to: LocalOffset): void {
  const bytes = sizeOf(place.source.type) ?? 0;
  if (bytes === 0) return;
  if (place.kind === 'local') lowering.builder.emit({ op: 'move', to, from: place.offset, bytes });
  else
    lowering.builder.emit({
      op: 'read-block',
      to,
      address: place.address,
      bytes,
      place: place.source.at,
    });
}

/** Stores a structure from the program's own memory. */
export function writeBlock(lowering: Lowering, place: ResolvedPlace, from: LocalOffset): void {
  const bytes = sizeOf(place.source.type) ?? 0;
  if (bytes === 0) return;
  if (place.kind === 'local') lowering.builder.emit({ op: 'move', to: place.offset, from, bytes });
  else
    lowering.emitAt(siteOf(place.source), {
      op: 'write-block',
      address: place.address,
      from,
      bytes,
      place: place.source.at,
    });
}

/** Sets a variable to its first value. */
export function lowerInitialisation(lowering: Lowering, { variable, zero, items }: Initialisation): void {
  const offset = lowering.offsetOf(variable);
  if (zero && variable.sizeBytes > 0)
    lowering.builder.emit({ op: 'zero', offset, bytes: variable.sizeBytes });
  for (const { place, value } of items) {
    const resolved = resolvePlace(lowering, place);
    if (value instanceof Uint8Array) storeBytes(lowering, resolved, value);
    else if (scalarLayout(place.type)) writePlace(lowering, resolved, lowerValue(lowering, value));
    else writeBlock(lowering, resolved, lowerRecord(lowering, value));
  }
}

/** A string in an array: eight bytes at a time, and one at a time what is left. */
function storeBytes({ builder }: Lowering, place: ResolvedPlace, bytes: Uint8Array): void {
  if (place.kind !== 'local') throw new Error('only variables are initialised');
  const view = Buffer.from(bytes);
  let at = 0;
  for (; at + 8 <= view.length; at += 8)
    builder.emit({
      op: 'store',
      offset: place.offset + at,
      from: builder.constant(view.readBigUInt64LE(at)),
      bytes: 8,
    });
  for (; at < view.length; at++)
    builder.emit({
      op: 'store',
      offset: place.offset + at,
      from: builder.constant(BigInt(view[at]!)),
      bytes: 1,
    });
}
