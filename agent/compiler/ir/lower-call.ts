import { scalarLayout, type TypedExpression } from '../check/index.ts';
import { alignmentOf, bare, type CType, sizeOf } from '../ctype/index.ts';
import type { IrBuilder } from './builder.ts';
import type { BlockValue, CallTarget, LocalOffset, Temp } from './ir.ts';
import { lowerRecord, lowerValue, normalise } from './lower-expression.ts';
import type { Lowering } from './lowering.ts';

/** What a call gives: a scalar, a structure in the program's own memory, or nothing. */
export interface CallValue {
  readonly value: Temp | undefined;
  readonly block: BlockValue | undefined;
}

/**
 * A call. Arguments below 64 bits are extended to 64 by their sign or with zeros, which is more than the ABI
 * asks for and what clang-built kernels rely on; the result is cut to its size, as its upper bits are
 * undefined (x86-64 psABI 3.2.3).
 */
export function lowerCall(
  lowering: Lowering,
  { type, callee, args, at }: Extract<TypedExpression, { kind: 'call' }>,
): CallValue {
  const { builder } = lowering;
  const target = 'kind' in callee ? lowerValue(lowering, callee) : targetOf(callee);
  const values = args.map(arg => lowerArgument(lowering, arg));
  const layout = scalarLayout(type);
  const block = layout || bare(type).kind === 'void' ? undefined : newBlock(lowering, type);
  const to = layout ? builder.temp() : undefined;
  const named = 'kind' in callee ? callee.type : callee.name;
  const construct = { kind: 'call', callee: named, argTypes: args.map(arg => arg.type), at } as const;
  lowering.emitAt(construct, { op: 'call', to, block, target, args: values });
  return { value: to === undefined ? undefined : normaliseResult(builder, type, to), block };
}

function targetOf({ name, address }: CallTarget): CallTarget {
  return { name, address };
}

/** Structures are copied: a later argument may change what an earlier one was taken from. */
function lowerArgument(lowering: Lowering, arg: TypedExpression): Temp | BlockValue {
  if (scalarLayout(arg.type)) return lowerValue(lowering, arg);
  const from = lowerRecord(lowering, arg);
  const block = newBlock(lowering, arg.type);
  if (block.bytes > 0) lowering.builder.emit({ op: 'move', to: block.offset, from, bytes: block.bytes });
  return block;
}

function newBlock(lowering: Lowering, type: CType): BlockValue {
  const bytes = sizeOf(type) ?? 0;
  const offset: LocalOffset = lowering.allocate(bytes);
  const alignment = alignmentOf(type);
  return { offset, bytes, alignment: alignment.bytes, unaligned: alignment.unaligned };
}

/** Of a `_Bool` result only the low 8 bits are defined, and they are 0 or 1. */
function normaliseResult(builder: IrBuilder, type: CType, raw: Temp): Temp {
  if (!scalarLayout(type)?.isBool) return normalise(builder, type, raw);
  const to = builder.temp();
  builder.emit({ op: 'extend', to, from: raw, bits: 8, signed: false });
  return normalise(builder, type, to);
}
