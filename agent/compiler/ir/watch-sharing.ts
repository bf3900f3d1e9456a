import { type Lvalue, type OldValue, scalarLayout } from '../check/index.ts';
import type { LocalOffset, ScalarBytes, Temp } from './blocks/index.ts';
import { normalise } from './lower-expression.ts';
import type { Lowering, WatchSharing } from './lowering.ts';

// What the handler of a watch does to what all its runs share: they may be as many as there are CPUs.

/** Room at the end of the rows that handlers leave to the program itself. */
const RESERVED_ROWS_BYTES = 8 << 10;

/** A row starts with u32 report index and u32 size of what follows. */
const ROW_HEADER_BYTES = 8;

/** The address of a variable of the program, in the handler of a watch. */
export function sharedAddress(
  { builder }: Lowering,
  lvalue: Extract<Lvalue, { kind: 'local' }>,
  { program, changes }: WatchSharing,
): Temp {
  const start = program.offsetOf(lvalue.variable);
  changes.push([start, lvalue.variable.sizeBytes]);
  const to = builder.temp();
  builder.emit({ op: 'shared', to, offset: start + lvalue.offset });
  return to;
}

/** Adds 1 to a count of the watch; gives what it is then. */
export function countInWatch(lowering: Lowering, count: string): Temp {
  const { builder } = lowering;
  const to = builder.temp();
  const address = addressOfCount(lowering, count);
  builder.emit({ op: 'add-at', to, address, value: builder.constant(1n) });
  return to;
}

/** What a count of the watch is now. */
export function readCount(lowering: Lowering, count: string): Temp {
  const { builder } = lowering;
  const to = builder.temp();
  builder.emit({ op: 'load-at', to, address: addressOfCount(lowering, count), bytes: 8 });
  return to;
}

/** The address of a count of the watch, in its handler. */
export function addressOfCount({ builder, watch }: Lowering, count: string): Temp {
  const offset = watch?.counts[count];
  if (offset === undefined) throw new Error(`no watch counts '${count}' here`);
  const to = builder.temp();
  builder.emit({ op: 'shared', to, offset });
  return to;
}

/**
 * `count++` and its like on a variable of the program: a compare-and-exchange until no other CPU was faster,
 * so that no step is lost. Every turn costs fuel.
 */
export function updateShared(
  lowering: Lowering,
  update: {
    readonly address: Temp;
    readonly source: Lvalue;
    readonly old: OldValue;
    readonly yields: 'new' | 'old';
  },
  change: () => Temp,
): Temp {
  const { builder } = lowering;
  const { address, source, old, yields } = update;
  const bytes = scalarLayout(source.type)!.sizeBytes as ScalarBytes;
  const [again, done] = [builder.block(), builder.block()];
  builder.jumpInto(again);
  builder.emit({ op: 'fuel', sourceOffset: source.at });
  const expected = builder.temp();
  builder.emit({ op: 'load-at', to: expected, address, bytes });
  const found = normalise(builder, source.type, expected);
  lowering.olds.set(old, found);
  const desired = change();
  const to = builder.temp();
  builder.emit({ op: 'exchange', to, address, expected, desired, bytes, sourceOffset: source.at });
  builder.terminate({ op: 'branch', condition: to, then: done, otherwise: again });
  builder.enter(done);
  return yields === 'new' ? desired : found;
}

/**
 * Appends a row: its place is taken by compare-and-exchange, so that no two CPUs have the same. A row that
 * finds no room is counted.
 */
export function lowerSharedRow(
  lowering: Lowering,
  {
    reportIndex,
    from,
    bytes,
  }: { readonly reportIndex: number; readonly from: LocalOffset; readonly bytes: number },
): void {
  const { builder } = lowering;
  const [again, fits, taken, full, done] = [0, 1, 2, 3, 4].map(() => builder.block());
  const used = area(lowering, 'used');
  const limit = builder.binary('sub', area(lowering, 'size'), builder.constant(BigInt(RESERVED_ROWS_BYTES)));
  builder.jumpInto(again!);
  builder.emit({ op: 'fuel', sourceOffset: 0 });
  const at = builder.temp();
  builder.emit({ op: 'load-at', to: at, address: used, bytes: 8 });
  const end = builder.binary('add', at, builder.constant(BigInt(ROW_HEADER_BYTES + bytes)));
  builder.branchInto(builder.binary('ule', end, limit), fits!, full!);
  const won = builder.temp();
  const exchange = { expected: at, desired: end, bytes: 8, sourceOffset: 0 } as const;
  builder.emit({ op: 'exchange', to: won, address: used, ...exchange });
  builder.branchInto(won, taken!, again!);
  let to = builder.binary('add', area(lowering, 'start'), at);
  storeAt(lowering, to, builder.constant((BigInt(bytes) << 32n) | BigInt(reportIndex)));
  for (let offset = 0; offset < bytes; offset += 8) {
    to = builder.binary('add', to, builder.constant(8n));
    storeAt(lowering, to, builder.load(from + offset));
  }
  builder.terminate({ op: 'jump', target: done! });
  builder.enter(full!);
  countInWatch(lowering, 'dropped');
  const droppedAt = area(lowering, 'dropped');
  builder.emit({ op: 'add-at', to: builder.temp(), address: droppedAt, value: builder.constant(1n) });
  builder.jumpInto(done!);
}

function storeAt({ builder }: Lowering, address: Temp, from: Temp): void {
  builder.emit({ op: 'store-at', address, from, bytes: 8 });
}

function area({ builder }: Lowering, what: 'start' | 'used' | 'dropped' | 'size'): Temp {
  const to = builder.temp();
  builder.emit({ op: 'area', to, what });
  return to;
}
