import { BASIC, type CType } from '../ctype/index.ts';
import type { ProgramStop, SideEffect } from '../interpreter/index.ts';
import type { SourceConstruct } from '../ir/index.ts';
import { UNKNOWN } from './plan.ts';
import { faultedAt, type Planner } from './planner.ts';
import { showLocation, showStored, showTarget } from './show.ts';
import type { TaintLabel } from './taint.ts';

type Write = Exclude<SideEffect, { op: 'call' }>;

/** The bytes to store, each with the taint that it depends on. */
interface Stored {
  readonly bytes: Uint8Array;
  readonly taintAt: (index: number) => TaintLabel;
  readonly taintLabel: TaintLabel;
}

/**
 * Lists a write, and lays it over memory, so that what is read later is what was written. A write to the
 * program's own memory is simply done. Whether memory may be written is not known before: only that it is
 * there.
 */
export function planWrite(planner: Planner, write: Write): ProgramStop | undefined {
  const { machine, taint } = planner;
  const stored = storedBy(planner, write);
  if (write.op === 'exchange') {
    // Nobody else writes in a plan: the first attempt succeeds.
    machine.temps.setSmall(write.to, 1);
    taint.temps[write.to] = 0;
  }
  if (taint.temps[write.address] !== 0) {
    planner.wroteAnywhere = true;
    list(planner, write, { address: undefined, old: undefined, stored });
    return undefined;
  }
  const address = machine.temps.unsigned[write.address]!;
  const own = machine.programOffset(address);
  if (own !== undefined) return writeOwn(planner, own, stored, { address, sourceOffset: write.sourceOffset });
  if (planner.mayNotRead(address)) {
    list(planner, write, { address, old: undefined, stored });
    return undefined;
  }
  const old = new Uint8Array(stored.bytes.length);
  if (!machine.copy(address, old, 0, old.length)) return faultedAt(address, write.sourceOffset);
  const wasKnown = planner.overlay.taintOf(address, old.length) === 0;
  list(planner, write, { address, old: wasKnown ? old : undefined, stored });
  planner.overlay.write(address, stored.bytes, stored.taintAt);
  return undefined;
}

function storedBy({ machine, taint }: Planner, write: Write): Stored {
  if (write.op === 'write-block') {
    const { from, bytes } = write;
    return {
      bytes: machine.own.slice(from, from + bytes),
      taintAt: index => taint.own[from + index]!,
      taintLabel: taint.ofOwn([from, bytes]),
    };
  }
  const temp = write.op === 'write' ? write.from : write.desired;
  const taintLabel = taint.temps[temp]!;
  const bytes = machine.temps.bytes.slice(temp * 8, temp * 8 + write.bytes);
  return { bytes, taintAt: () => taintLabel, taintLabel };
}

function writeOwn(
  { machine, taint }: Planner,
  offset: number,
  { bytes, taintAt }: Stored,
  fault: { readonly address: bigint; readonly sourceOffset: number },
): ProgramStop | undefined {
  if (offset + bytes.length > machine.own.length) return faultedAt(fault.address, fault.sourceOffset);
  machine.own.set(bytes, offset);
  for (let index = 0; index < bytes.length; index++) taint.own[offset + index] = taintAt(index);
  return undefined;
}

function list(
  planner: Planner,
  write: Write,
  what: {
    readonly address: bigint | undefined;
    readonly old: Uint8Array | undefined;
    readonly stored: Stored;
  },
): void {
  const { lowered, context } = planner;
  const known = lowered.constructs.get(write);
  const construct = known?.kind === 'write' ? known : plainConstruct(write);
  const { address, old, stored } = what;
  const { source, ...location } = showLocation(context.program, construct.at);
  const before = old ? showStored(construct, old, context) : UNKNOWN;
  const after = showStored(construct, stored.taintLabel === 0 ? stored.bytes : undefined, context);
  const bits = construct.bits
    ? ` bits ${construct.bits.shift} to ${construct.bits.shift + construct.bits.width - 1}`
    : '';
  const text = `${showTarget(construct.type, address, context)}${bits}: ${before} → ${after}`;
  planner.add({ kind: 'write', ...location, text, source });
}

/**
 * Of an update that is a loop of its own in the IR no type is kept: it is shown as the unit that it replaces.
 */
function plainConstruct(write: Write): Extract<SourceConstruct, { kind: 'write' }> {
  const type = UNITS[write.bytes] ?? BASIC.ulong;
  return { kind: 'write', type, bits: undefined, at: write.sourceOffset };
}

const UNITS: Readonly<Record<number, CType>> = { 4: BASIC.uint, 8: BASIC.ulong };
