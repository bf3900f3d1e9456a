import { scalarLayout, type TypedExpression } from '../check/index.ts';
import { alignmentOf, bare, type CType, type FunctionType, sizeOf } from '../ctype/index.ts';
import type { BlockValue, CallTarget, CheckIndex, IrBuilder, LocalOffset, Temp } from './blocks/index.ts';
import { lowerRecord, lowerValue, normalise } from './lower-expression.ts';
import type { Lowering } from './lowering.ts';
import { markBeforeCall, markBehindCall } from './mark-locks.ts';

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
  checkPassedPointers(lowering, { callee, args, values });
  const layout = scalarLayout(type);
  const block = layout || bare(type).kind === 'void' ? undefined : newBlock(lowering, type);
  const to = layout ? builder.temp() : undefined;
  const named = 'kind' in callee ? callee.type : callee.name;
  const construct = { kind: 'call', callee: named, argTypes: args.map(arg => arg.type), at } as const;
  const check =
    typeof target === 'number' ? checkOfCallee(lowering, callee, { value: target, at }) : undefined;
  const byName = 'kind' in callee ? undefined : { name: callee.name, params: callee.type.params, args, at };
  if (byName) markBeforeCall(lowering, byName);
  lowering.emitAt(construct, { op: 'call', to, block, target, check, args: values, ofProgram: true });
  if (byName) markBehindCall(lowering, byName, to);
  return { value: to === undefined ? undefined : normaliseResult(builder, type, to), block };
}

type Callee = Extract<TypedExpression, { kind: 'call' }>['callee'];

interface Pointer {
  readonly value: Temp;
  readonly at: number;
}

function checkOfCallee(lowering: Lowering, callee: Callee, { value, at }: Pointer): CheckIndex {
  const prototype = functionTypeOf(callee.type);
  if (!prototype) throw new Error('what is called is no function');
  return lowering.checkPointer({ value, prototype, mayBeNull: false, sourceOffset: at });
}

/**
 * Threat: a function may call what it is given, as `smp_call_function_single` does. A pointer to a function
 * that goes to a parameter of such a type is checked as if it were called here. The name of a function is a
 * callee of the program already.
 */
function checkPassedPointers(lowering: Lowering, { callee, args, values }: PassedArguments): void {
  const params = functionTypeOf(callee.type)?.params ?? [];
  for (const [index, { type }] of params.entries()) {
    const arg = args[index];
    const value = values[index];
    const prototype = bare(type).kind === 'pointer' ? functionTypeOf(type) : undefined;
    if (!arg || typeof value !== 'number' || !prototype || arg.kind === 'address') continue;
    if (arg.kind === 'constant' && arg.value === 0n) continue;
    const check = lowering.checkPointer({ value, prototype, mayBeNull: true, sourceOffset: arg.at });
    lowering.builder.emit({ op: 'check-pointer', value, check });
  }
}

interface PassedArguments {
  readonly callee: Callee;
  readonly args: readonly TypedExpression[];
  readonly values: readonly (Temp | BlockValue)[];
}

function functionTypeOf(type: CType): FunctionType | undefined {
  const plain = bare(type);
  const inner = plain.kind === 'pointer' ? bare(plain.to) : plain;
  return inner.kind === 'function' ? inner : undefined;
}

function targetOf({ name, address }: CallTarget): CallTarget {
  return { name, address };
}

/** Structures are copied: a later argument may change what an earlier one was taken from. */
export function lowerArgument(lowering: Lowering, arg: TypedExpression): Temp | BlockValue {
  if (scalarLayout(arg.type)) return lowerValue(lowering, arg);
  const from = lowerRecord(lowering, arg);
  const block = newBlock(lowering, arg.type);
  if (block.bytes > 0) lowering.builder.emit({ op: 'move', to: block.offset, from, bytes: block.bytes });
  return block;
}

/** Room for a structure. */
export function newBlock(lowering: Lowering, type: CType): BlockValue {
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
