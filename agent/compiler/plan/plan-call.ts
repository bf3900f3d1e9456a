import type { CType } from '../ctype/index.ts';
import { OWN_ADDRESS, type ProgramStop, type SideEffect } from '../interpreter/index.ts';
import type { BlockValue, Temp } from '../ir/index.ts';
import { UNKNOWN } from './plan.ts';
import type { Planner } from './planner.ts';
import { showBytes, showLocation, showScalar } from './show.ts';

type Call = Extract<SideEffect, { op: 'call' }>;

/**
 * Lists a call. What it gives is not known, and neither is any longer what it could write to: variables of
 * the program whose address it gets, directly or within another.
 */
export function planCall(planner: Planner, call: Call): ProgramStop | undefined {
  const { lowered, context, taint } = planner;
  const refused = refusedPointer(planner, call);
  if (refused) return refused;
  const construct = lowered.constructs.get(call);
  if (construct?.kind !== 'call') throw new Error('a call of the program has no source construct');
  const args = call.args.map((arg, index) => showArgument(planner, arg, construct.argTypes[index]!));
  const { source, ...location } = showLocation(context.program, construct.at);
  const name = showCallee(planner, call, construct.callee);
  planner.add({ kind: 'call', ...location, text: `${name}(${args.join(', ')})`, source });
  const taintLabel = planner.unknown({ name, at: construct.at });
  forgetReachable(planner, call, taintLabel);
  if (call.to !== undefined) taint.temps[call.to] = taintLabel;
  if (call.block) taint.own.fill(taintLabel, call.block.offset, call.block.offset + call.block.bytes);
  return undefined;
}

/** The end of a program whose pointer is known, and is none that may be called. */
function refusedPointer({ taint, machine }: Planner, { target, check }: Call): ProgramStop | undefined {
  if (typeof target !== 'number' || check === undefined || taint.temps[target] !== 0) return undefined;
  return machine.checkPointer({ op: 'check-pointer', value: target, check });
}

/** Names that are shown for a pointer that is not known. */
const SHOWN_NAMES = 4;

function showCallee(planner: Planner, { target, check }: Call, callee: string | CType): string {
  const { taint, machine, context, lowered } = planner;
  if (typeof callee === 'string') return callee;
  if (typeof target !== 'number' || taint.temps[target] !== 0) {
    const names = lowered.ir.pointerChecks[check ?? -1]?.permitted.map(({ name }) => name) ?? [];
    const known = names.length > 0 && names.length <= SHOWN_NAMES;
    return known ? `(*${UNKNOWN} /* ${names.join(' or ')} */)` : `(*${UNKNOWN})`;
  }
  return `(*${showScalar(callee, machine.temps.unsigned[target]!, context)})`;
}

function showArgument({ taint, machine, context }: Planner, arg: Temp | BlockValue, type: CType): string {
  if (typeof arg === 'number')
    return showScalar(type, taint.temps[arg] === 0 ? machine.temps.unsigned[arg]! : undefined, context);
  const { offset, bytes } = arg;
  const isKnown = taint.ofOwn([offset, bytes]) === 0;
  return showBytes(type, isKnown ? machine.own.subarray(offset, offset + bytes) : undefined, context);
}

/** What is known of variables that the callee may reach is so no longer. */
function forgetReachable(planner: Planner, { args }: Call, taintLabel: number): void {
  const { machine, taint } = planner;
  const { localBytes } = planner.lowered.ir;
  const reached = new Set<number>();
  const todo: number[] = [];
  const reach = (address: bigint): void => {
    const offset = Number(address - OWN_ADDRESS);
    if (offset >= 0 && offset < localBytes) todo.push(offset);
  };
  for (const arg of args) {
    if (typeof arg === 'number') reach(machine.temps.unsigned[arg]!);
    else eachWord(machine.own, arg.offset, arg.bytes, reach);
  }
  for (let offset = todo.pop(); offset !== undefined; offset = todo.pop()) {
    const at = offset;
    const region = planner.lowered.regions.findLast(each => each.offset <= at);
    if (!region || reached.has(region.offset)) continue;
    reached.add(region.offset);
    eachWord(machine.own, region.offset, region.bytes, reach);
    taint.own.fill(taintLabel, region.offset, region.offset + region.bytes);
  }
}

/** Pointers lie at multiples of their size. */
function eachWord(own: Uint8Array, offset: number, bytes: number, visit: (word: bigint) => void): void {
  const view = new DataView(own.buffer);
  for (let at = offset; at + 8 <= offset + bytes; at += 8) visit(view.getBigUint64(at, true));
}
