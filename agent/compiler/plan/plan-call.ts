import type { CType } from '../ctype/index.ts';
import { type Outward, OWN_ADDRESS, type Stop } from '../interpreter/index.ts';
import type { BlockValue, Temp } from '../ir/index.ts';
import { UNKNOWN } from './plan.ts';
import type { Planner } from './planner.ts';
import { showBytes, showPlace, showScalar } from './show.ts';

type Call = Extract<Outward, { op: 'call' }>;

/**
 * Lists a call. What it gives is not known, and neither is any longer what it could write to: variables of the program
 * whose address it gets, directly or within another.
 */
export function planCall(planner: Planner, call: Call): Stop | undefined {
  const { lowered, context, taint } = planner;
  const site = lowered.sites.get(call);
  if (site?.kind !== 'call') throw new Error('a call of the program has no site');
  const args = call.args.map((arg, index) => showArgument(planner, arg, site.argTypes[index]!));
  const { source, ...place } = showPlace(context.program, site.at);
  const name = showCallee(planner, call, site.callee);
  planner.add({ kind: 'call', ...place, text: `${name}(${args.join(', ')})`, source });
  const origin = planner.unknown({ name, at: site.at });
  forgetReachable(planner, call, origin);
  if (call.to !== undefined) taint.temps[call.to] = origin;
  if (call.block) taint.own.fill(origin, call.block.offset, call.block.offset + call.block.bytes);
  return undefined;
}

function showCallee({ taint, machine, context }: Planner, { target }: Call, callee: string | CType): string {
  if (typeof callee === 'string') return callee;
  if (typeof target !== 'number' || taint.temps[target] !== 0) return `(*${UNKNOWN})`;
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
function forgetReachable(planner: Planner, { args }: Call, origin: number): void {
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
    taint.own.fill(origin, region.offset, region.offset + region.bytes);
  }
}

/** Pointers lie at multiples of their size. */
function eachWord(own: Uint8Array, offset: number, bytes: number, visit: (word: bigint) => void): void {
  const view = new DataView(own.buffer);
  for (let at = offset; at + 8 <= offset + bytes; at += 8) visit(view.getBigUint64(at, true));
}
