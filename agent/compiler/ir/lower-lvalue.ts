import { type Initialisation, type Lvalue, scalarLayout, type Variable } from '../check/index.ts';
import { BASIC, sizeOf } from '../ctype/index.ts';
import type { BlockIndex, LocalOffset, ScalarBytes, Temp } from './blocks/index.ts';
import { lowerRecord, lowerValue, normalise } from './lower-expression.ts';
import type { Lowering, SourceConstruct } from './lowering.ts';
import { recordsWrites, recordWrite } from './record-write.ts';
import { sharedAddress } from './watch-sharing.ts';

/** An lvalue whose address has been computed once; it may then be read and written. */
export type ResolvedLvalue =
  | { readonly kind: 'local'; readonly offset: LocalOffset; readonly source: Lvalue }
  | { readonly kind: 'memory'; readonly address: Temp; readonly source: Lvalue }
  /** In a handler: a variable of the program itself. */
  | { readonly kind: 'shared'; readonly address: Temp; readonly source: Lvalue };

/** Computes the address of an lvalue. */
export function resolveLvalue(lowering: Lowering, lvalue: Lvalue): ResolvedLvalue {
  if (lvalue.kind === 'local' && lowering.watch?.shared.has(lvalue.variable))
    return { kind: 'shared', address: sharedAddress(lowering, lvalue, lowering.watch), source: lvalue };
  if (lvalue.kind === 'local') {
    if (lvalue.start) lowerInitialisation(lowering, lvalue.start);
    return { kind: 'local', offset: lowering.offsetOf(lvalue.variable) + lvalue.offset, source: lvalue };
  }
  const base = lowerValue(lowering, lvalue.address);
  return { kind: 'memory', address: moved(lowering, base, lvalue.offset), source: lvalue };
}

/** The address of an lvalue as a value. */
export function addressOf(lowering: Lowering, lvalue: ResolvedLvalue): Temp {
  if (lvalue.kind !== 'local') return lvalue.address;
  const to = lowering.builder.temp();
  lowering.builder.emit({ op: 'local', to, offset: lvalue.offset });
  return to;
}

function moved({ builder }: Lowering, base: Temp, offset: number): Temp {
  return offset === 0 ? base : builder.binary('add', base, builder.constant(BigInt(offset)));
}

/** Reads the scalar at an lvalue, in the form that its type has in a temporary. */
export function readLvalue(lowering: Lowering, lvalue: ResolvedLvalue): Temp {
  const { type, bits } = lvalue.source;
  const raw = readUnit(lowering, lvalue, bits?.unitBytes ?? scalarBytes(lvalue));
  if (!bits) return normalise(lowering.builder, type, raw);
  return extractBits(lowering, lvalue.source, raw, bits.shift);
}

function readUnit({ builder }: Lowering, lvalue: ResolvedLvalue, bytes: ScalarBytes): Temp {
  const to = builder.temp();
  if (lvalue.kind === 'local') builder.emit({ op: 'load', to, offset: lvalue.offset, bytes });
  else if (lvalue.kind === 'shared') builder.emit({ op: 'load-at', to, address: lvalue.address, bytes });
  else builder.emit({ op: 'read', to, address: lvalue.address, bytes, sourceOffset: lvalue.source.at });
  return to;
}

function scalarBytes({ source }: ResolvedLvalue): ScalarBytes {
  const layout = scalarLayout(source.type);
  if (!layout) throw new Error('only scalars are read and written as one');
  return layout.sizeBytes as ScalarBytes;
}

/** The `width` bits from `shift` on, extended as their type says. */
function extractBits({ builder }: Lowering, { bits, type }: Lvalue, unit: Temp, shift: number): Temp {
  const width = bits!.width;
  const up = builder.binary('shl', unit, builder.constant(BigInt(64 - shift - width)));
  const down = scalarLayout(type)?.signed ? 'sar' : 'shr';
  return builder.binary(down, up, builder.constant(BigInt(64 - width)));
}

/**
 * Stores a scalar, and returns the value that the lvalue then has: a bit field keeps its low bits (C11
 * 6.5.16, 3).
 */
export function writeLvalue(lowering: Lowering, lvalue: ResolvedLvalue, value: Temp): Temp {
  const { bits } = lvalue.source;
  if (!bits) {
    writeUnit(lowering, lvalue, value, scalarBytes(lvalue));
    return value;
  }
  if (lvalue.kind !== 'memory') {
    const old = readUnit(lowering, lvalue, bits.unitBytes);
    writeUnit(lowering, lvalue, insertBits(lowering, lvalue.source, old, value), bits.unitBytes);
  } else {
    exchangeBits(lowering, lvalue, value);
  }
  return extractBits(lowering, lvalue.source, value, 0);
}

function writeUnit(lowering: Lowering, lvalue: ResolvedLvalue, from: Temp, bytes: ScalarBytes): void {
  if (lvalue.kind === 'local') {
    lowering.builder.emit({ op: 'store', offset: lvalue.offset, from, bytes });
    return;
  }
  const { address, source } = lvalue;
  if (lvalue.kind === 'shared') return lowering.builder.emit({ op: 'store-at', address, from, bytes });
  const isOwn = source.kind === 'memory' && source.within !== undefined && !source.bits;
  if (isOwn) faultUnlessWithin(lowering, source.within!, { address, bytes, sourceOffset: source.at });
  else recordScalar(lowering, lvalue, from, bytes);
  lowering.emitAt(constructOf(source), { op: 'write', address, from, bytes, isOwn, sourceOffset: source.at });
}

/**
 * In a handler: the address of a scalar in a variable of the program, such as `n[i]`, that other runs may
 * change at the same time; undefined for everything else. Behind it the address is known to lie there.
 */
export function sharedElement(lowering: Lowering, lvalue: ResolvedLvalue): Temp | undefined {
  if (lvalue.kind !== 'memory') return undefined;
  const { address, source } = lvalue;
  if (source.kind !== 'memory' || !source.within || source.bits) return undefined;
  if (!lowering.watch?.shared.has(source.within)) return undefined;
  const bytes = scalarLayout(source.type)!.sizeBytes as ScalarBytes;
  const place = { address, bytes, sourceOffset: source.at };
  faultUnlessWithin(lowering, source.within, place);
  if (bytes > 1) faultUnlessAligned(lowering, place);
  return address;
}

/** Ends the program as FAULTED where the address does not lie in the variable. */
function faultUnlessWithin(
  lowering: Lowering,
  variable: Variable,
  {
    address,
    bytes,
    sourceOffset,
  }: { readonly address: Temp; readonly bytes: ScalarBytes; readonly sourceOffset: number },
): void {
  const { builder } = lowering;
  const [fault, fine]: [BlockIndex, BlockIndex] = [builder.block(), builder.block()];
  const last = BigInt(variable.sizeBytes - bytes);
  if (last >= 0n) {
    const offset = builder.binary('sub', address, startOf(lowering, variable));
    const condition = builder.binary('ule', offset, builder.constant(last));
    builder.terminate({ op: 'branch', condition, then: fine, otherwise: fault });
    builder.enter(fault);
  } else builder.jumpInto(fault);
  builder.terminate({ op: 'fault', address, sourceOffset });
  builder.enter(fine);
}

/** Where a variable begins; in a handler, one of the program's too. */
function startOf(lowering: Lowering, variable: Variable): Temp {
  const { builder, watch } = lowering;
  if (!watch?.shared.has(variable)) return builder.local(lowering.offsetOf(variable));
  const to = builder.temp();
  builder.emit({ op: 'shared', to, offset: watch.program.offsetOf(variable) });
  return to;
}

/** Records a write before it is done: where the program ends in between, the memory has the old value. */
function recordScalar(
  lowering: Lowering,
  { address, source: { type, at } }: Extract<ResolvedLvalue, { kind: 'memory' }>,
  after: Temp,
  bytes: ScalarBytes,
): void {
  if (!recordsWrites(lowering)) return;
  const before = lowering.builder.temp();
  lowering.builder.emit({ op: 'read', to: before, address, bytes, sourceOffset: at });
  recordWrite(lowering, { address, before, after, type, bytes, isUnit: false, at });
}

function constructOf({ type, bits, at }: Lvalue): SourceConstruct {
  return { kind: 'write', type, bits, at };
}

function insertBits({ builder }: Lowering, { bits }: Lvalue, unit: Temp, value: Temp): Temp {
  const { width, shift } = bits!;
  const mask = ((1n << BigInt(width)) - 1n) << BigInt(shift);
  const rest = builder.binary('and', unit, builder.constant(~mask));
  const shifted = builder.binary('shl', value, builder.constant(BigInt(shift)));
  return builder.binary('or', rest, builder.binary('and', shifted, builder.constant(mask)));
}

/**
 * Bits of kernel memory change atomically: other bits of the unit belong to somebody else, who may set them
 * meanwhile. An address that is not aligned is a fault, because a locked access across two cache lines may be
 * one too.
 */
function exchangeBits(
  lowering: Lowering,
  lvalue: Extract<ResolvedLvalue, { kind: 'memory' }>,
  value: Temp,
): void {
  const { bits, at } = lvalue.source;
  const unit = { address: lvalue.address, bytes: bits!.unitBytes, sourceOffset: at };
  if (bits!.unitBytes > 1) faultUnlessAligned(lowering, unit);
  let before = value;
  const change = (old: Temp): Temp => {
    before = old;
    return insertBits(lowering, lvalue.source, old, value);
  };
  const after = exchangeLoop(lowering, unit, change, constructOf(lvalue.source));
  const { address, bytes } = unit;
  recordWrite(lowering, { address, before, after, type: lvalue.source.type, bytes, isUnit: true, at });
}

/** Ends the program as FAULTED where the address is no multiple of `bytes`. */
export function faultUnlessAligned(
  { builder }: Lowering,
  {
    address,
    bytes,
    sourceOffset,
  }: { readonly address: Temp; readonly bytes: ScalarBytes; readonly sourceOffset: number },
): void {
  const low = builder.binary('and', address, builder.constant(BigInt(bytes - 1)));
  const [fault, fine]: [BlockIndex, BlockIndex] = [builder.block(), builder.block()];
  builder.branchInto(low, fault, fine);
  builder.terminate({ op: 'fault', address, sourceOffset });
  builder.enter(fine);
}

/**
 * Replaces a unit of memory by what `change` makes of it, as often as somebody else was faster; gives what
 * was stored.
 */
export function exchangeLoop(
  lowering: Lowering,
  unit: { readonly address: Temp; readonly bytes: ScalarBytes; readonly sourceOffset: number },
  change: (old: Temp) => Temp,
  construct?: SourceConstruct,
): Temp {
  const { builder } = lowering;
  const [again, done] = [builder.block(), builder.block()];
  builder.jumpInto(again);
  builder.emit({ op: 'fuel', sourceOffset: unit.sourceOffset });
  const expected = builder.temp();
  builder.emit({ op: 'read', to: expected, ...unit });
  const desired = change(expected);
  const to = builder.temp();
  const exchange = { op: 'exchange', to, expected, desired, ...unit } as const;
  if (construct) lowering.emitAt(construct, exchange);
  else builder.emit(exchange);
  builder.terminate({ op: 'branch', condition: to, then: done, otherwise: again });
  builder.enter(done);
  return desired;
}

/** Copies a structure or array at an lvalue to `to` in the program's own memory. */
export function readBlock(lowering: Lowering, lvalue: ResolvedLvalue, to: LocalOffset): void {
  const bytes = sizeOf(lvalue.source.type) ?? 0;
  if (bytes === 0) return;
  if (lvalue.kind === 'local') lowering.builder.emit({ op: 'move', to, from: lvalue.offset, bytes });
  else
    lowering.builder.emit({
      op: 'read-block',
      to,
      address: lvalue.address,
      bytes,
      sourceOffset: lvalue.source.at,
    });
}

/** Stores a structure from the program's own memory. */
export function writeBlock(lowering: Lowering, lvalue: ResolvedLvalue, from: LocalOffset): void {
  const bytes = sizeOf(lvalue.source.type) ?? 0;
  if (bytes === 0) return;
  if (lvalue.kind === 'local') lowering.builder.emit({ op: 'move', to: lvalue.offset, from, bytes });
  else {
    if (lvalue.kind === 'memory') recordBlock(lowering, lvalue, from, bytes);
    lowering.emitAt(constructOf(lvalue.source), {
      op: 'write-block',
      address: lvalue.address,
      from,
      bytes,
      sourceOffset: lvalue.source.at,
    });
  }
}

/** Structures of more bytes than this are not recorded. */
const RECORDED_BYTES = 256;

/** Records a structure that is about to be written, eight bytes at a time. */
function recordBlock(
  lowering: Lowering,
  { address: start, source: { at } }: Extract<ResolvedLvalue, { kind: 'memory' }>,
  from: LocalOffset,
  size: number,
): void {
  if (!recordsWrites(lowering)) return;
  if (size > RECORDED_BYTES) return lowering.noteUnrecorded();
  const { builder } = lowering;
  for (let offset = 0; offset < size; ) {
    const bytes = ([8, 4, 2, 1] as const).find(each => each <= size - offset)!;
    const address = moved(lowering, start, offset);
    const [before, after] = [builder.temp(), builder.temp()];
    builder.emit({ op: 'read', to: before, address, bytes, sourceOffset: at });
    builder.emit({ op: 'load', to: after, offset: from + offset, bytes });
    recordWrite(lowering, { address, before, after, type: BASIC.ulong, bytes, isUnit: true, at });
    offset += bytes;
  }
}

/** Sets a variable to its first value. */
export function lowerInitialisation(lowering: Lowering, { variable, zero, items }: Initialisation): void {
  const offset = lowering.offsetOf(variable);
  if (zero && variable.sizeBytes > 0)
    lowering.builder.emit({ op: 'zero', offset, bytes: variable.sizeBytes });
  for (const { lvalue, value } of items) {
    const resolved = resolveLvalue(lowering, lvalue);
    if (value instanceof Uint8Array) storeBytes(lowering, resolved, value);
    else if (scalarLayout(lvalue.type)) writeLvalue(lowering, resolved, lowerValue(lowering, value));
    else writeBlock(lowering, resolved, lowerRecord(lowering, value));
  }
}

/** A string in an array: eight bytes at a time, and one at a time what is left. */
function storeBytes({ builder }: Lowering, lvalue: ResolvedLvalue, bytes: Uint8Array): void {
  if (lvalue.kind !== 'local') throw new Error('only variables are initialised');
  const view = Buffer.from(bytes);
  let at = 0;
  for (; at + 8 <= view.length; at += 8)
    builder.emit({
      op: 'store',
      offset: lvalue.offset + at,
      from: builder.constant(view.readBigUInt64LE(at)),
      bytes: 8,
    });
  for (; at < view.length; at++)
    builder.emit({
      op: 'store',
      offset: lvalue.offset + at,
      from: builder.constant(BigInt(view[at]!)),
      bytes: 1,
    });
}
