import { scalarLayout, type TypedExpression, type TypedStatement, type Variable } from '../check/index.ts';
import type { LocalOffset, ScalarBytes, Temp } from './blocks/index.ts';
import { type CallValue, lowerArgument, newBlock } from './lower-call.ts';
import { lowerRecord, lowerValue, normalise } from './lower-expression.ts';
import { leaveGuards } from './lower-guard.ts';
import { lowerStatement } from './lower-statement.ts';
import type { LoweredFunction, Lowering } from './lowering.ts';
import { markAllocation } from './mark-locks.ts';

/**
 * A call of a function of the program's own. A function is in the IR once, and never within itself, so its
 * parameters and variables have their place, and a call is a jump: it notes which call it is, and the end of
 * the function jumps back by that number. So the code grows with the text and not with the calls, and neither
 * CPUs nor the interpreter know of functions. A call costs fuel, since a few that call each other twice make
 * many.
 */
export function lowerOwnCall(
  lowering: Lowering,
  { callee, args, type, at }: Extract<TypedExpression, { kind: 'own-call' }>,
): CallValue {
  const { builder } = lowering;
  const values = args.map(arg => lowerArgument(lowering, arg));
  const called = lowering.functionOf(callee);
  builder.emit({ op: 'fuel', sourceOffset: at });
  markAllocation(lowering, { name: callee.name, params: callee.type.params, args, at });
  for (const [index, value] of values.entries()) storeIn(lowering, callee.params[index]!, value);
  const after = builder.block();
  const number = called.returns.push(after) - 1;
  builder.emit({ op: 'const', to: called.selector, value: BigInt(number) });
  lowering.callNext.set(builder.current, after);
  builder.terminate({ op: 'jump', target: called.entry });
  builder.enter(after);
  if (!callee.result) return { value: undefined, block: undefined };
  const offset = lowering.offsetOf(callee.result);
  if (scalarLayout(type)) return { value: loadFrom(lowering, callee.result), block: undefined };
  const block = newBlock(lowering, type);
  if (block.bytes > 0) builder.emit({ op: 'move', to: block.offset, from: offset, bytes: block.bytes });
  return { value: undefined, block };
}

function storeIn(
  lowering: Lowering,
  variable: Variable,
  value: Temp | { readonly offset: LocalOffset },
): void {
  const offset = lowering.offsetOf(variable);
  if (typeof value === 'number') {
    const bytes = scalarLayout(variable.type)!.sizeBytes as ScalarBytes;
    lowering.builder.emit({ op: 'store', offset, from: value, bytes });
  } else if (variable.sizeBytes > 0) {
    lowering.builder.emit({ op: 'move', to: offset, from: value.offset, bytes: variable.sizeBytes });
  }
}

function loadFrom(lowering: Lowering, variable: Variable): Temp {
  const { builder } = lowering;
  const to = builder.temp();
  const bytes = scalarLayout(variable.type)!.sizeBytes as ScalarBytes;
  builder.emit({ op: 'load', to, offset: lowering.offsetOf(variable), bytes });
  return normalise(builder, variable.type, to);
}

/** `return` within a function of the program. */
export function lowerFunctionReturn(
  lowering: Lowering,
  { from, value }: Extract<TypedStatement, { kind: 'function-return' }>,
): void {
  if (value && from.result) {
    const isScalar = scalarLayout(value.type) !== undefined;
    const given = isScalar ? lowerValue(lowering, value) : { offset: lowerRecord(lowering, value) };
    storeIn(lowering, from.result, given);
  }
  leaveGuards(lowering, 0);
  lowering.builder.terminate({ op: 'jump', target: lowering.functionOf(from).exit });
}

/** Lowers every function that is called, and those that they call. */
export function lowerFunctions(lowering: Lowering): void {
  const { builder, functions } = lowering;
  for (let next = 0; next < functions.length; next++) {
    const { own, entry, exit } = functions[next]!;
    builder.enter(entry);
    lowering.within = own;
    for (const statement of own.body) lowerStatement(lowering, statement);
    if (builder.isOpen) builder.terminate({ op: 'jump', target: exit });
  }
  for (const each of functions) {
    builder.enter(each.exit);
    lowerExit(lowering, each, 0, each.returns.length);
  }
}

/** Jumps to the one of `returns` from `low` up to `high` that the selector says, by halves. */
function lowerExit(lowering: Lowering, lowered: LoweredFunction, low: number, high: number): void {
  const { builder } = lowering;
  if (high - low === 1) return builder.terminate({ op: 'jump', target: lowered.returns[low]! });
  const middle = (low + high) >>> 1;
  const [lower, upper] = [builder.block(), builder.block()];
  const isLower = builder.binary('ult', lowered.selector, builder.constant(BigInt(middle)));
  builder.branchInto(isLower, lower, upper);
  lowerExit(lowering, lowered, low, middle);
  builder.enter(upper);
  lowerExit(lowering, lowered, middle, high);
}
