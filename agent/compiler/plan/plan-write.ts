import { BASIC, type CType } from '../ctype/index.ts';
import type { Outward, Stop } from '../interpreter/index.ts';
import type { Site } from '../ir/index.ts';
import { UNKNOWN } from './plan.ts';
import { faultedAt, type Planner } from './planner.ts';
import { showPlace, showStored, showTarget } from './show.ts';
import type { Origin } from './taint.ts';

type Write = Exclude<Outward, { op: 'call' }>;

/** What is to be stored, and what it depends on, byte by byte. */
interface Stored {
  readonly bytes: Uint8Array;
  readonly originAt: (index: number) => Origin;
  readonly origin: Origin;
}

/**
 * Lists a write, and lays it over memory, so that what is read later is what was written. A write to the program's own
 * memory is simply done. Whether memory may be written is not known before: only that it is there.
 */
export function planWrite(planner: Planner, write: Write): Stop | undefined {
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
  const own = machine.ownOffset(address);
  if (own !== undefined) return writeOwn(planner, own, stored, { address, place: write.place });
  if (planner.mayNotRead(address)) {
    list(planner, write, { address, old: undefined, stored });
    return undefined;
  }
  const old = new Uint8Array(stored.bytes.length);
  if (!machine.copy(address, old, 0, old.length)) return faultedAt(address, write.place);
  const wasKnown = planner.overlay.originOf(address, old.length) === 0;
  list(planner, write, { address, old: wasKnown ? old : undefined, stored });
  planner.overlay.write(address, stored.bytes, stored.originAt);
  return undefined;
}

function storedBy({ machine, taint }: Planner, write: Write): Stored {
  if (write.op === 'write-block') {
    const { from, bytes } = write;
    return {
      bytes: machine.own.slice(from, from + bytes),
      originAt: index => taint.own[from + index]!,
      origin: taint.ofOwn([from, bytes]),
    };
  }
  const temp = write.op === 'write' ? write.from : write.desired;
  const origin = taint.temps[temp]!;
  const bytes = machine.temps.bytes.slice(temp * 8, temp * 8 + write.bytes);
  return { bytes, originAt: () => origin, origin };
}

function writeOwn(
  { machine, taint }: Planner,
  offset: number,
  { bytes, originAt }: Stored,
  fault: { readonly address: bigint; readonly place: number },
): Stop | undefined {
  if (offset + bytes.length > machine.own.length) return faultedAt(fault.address, fault.place);
  machine.own.set(bytes, offset);
  for (let index = 0; index < bytes.length; index++) taint.own[offset + index] = originAt(index);
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
  const known = lowered.sites.get(write);
  const site = known?.kind === 'write' ? known : plainSite(write);
  const { address, old, stored } = what;
  const { source, ...place } = showPlace(context.program, site.at);
  const before = old ? showStored(site, old, context) : UNKNOWN;
  const after = showStored(site, stored.origin === 0 ? stored.bytes : undefined, context);
  const bits = site.bits ? ` bits ${site.bits.shift} to ${site.bits.shift + site.bits.width - 1}` : '';
  const text = `${showTarget(site.type, address, context)}${bits}: ${before} → ${after}`;
  planner.add({ kind: 'write', ...place, text, source });
}

/** Of an update that is a loop of its own in the IR no type is kept: it is shown as the unit that it replaces. */
function plainSite(write: Write): Extract<Site, { kind: 'write' }> {
  const type = UNITS[write.bytes] ?? BASIC.ulong;
  return { kind: 'write', type, bits: undefined, at: write.place };
}

const UNITS: Readonly<Record<number, CType>> = { 4: BASIC.uint, 8: BASIC.ulong };
