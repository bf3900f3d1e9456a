import { type ReturnLayout, scalarLayout, type TypedWatch } from '../check/index.ts';
import { alignmentOf, bare, sizeOf } from '../ctype/index.ts';
import type {
  BlockIndex,
  BlockValue,
  HandlerProgram,
  LocalOffset,
  ScalarBytes,
  Temp,
} from './blocks/index.ts';
import { newBlock } from './lower-call.ts';
import { lowerFunctions } from './lower-function.ts';
import { lowerStatement } from './lower-statement.ts';
import { Lowering, type WatchSharing } from './lowering.ts';
import { addressOfCount, countInWatch, readCount } from './watch-sharing.ts';

/** Turns that the loops of one run of a body may make. */
const HANDLER_FUEL = 1_000;

/** Hits that no watch comes to. */
export const ENDLESS = (1n << 63n) - 1n;

/** What runs at each entry of the function, or at each return of it. */
export function lowerHandler(watch: TypedWatch, sharing: WatchSharing): HandlerProgram {
  const lowering = new Lowering(undefined, 'module', sharing);
  const { builder } = lowering;
  const [isAllowed, braked, counted, run, over, abandoned] = [0, 1, 2, 3, 4, 5].map(() => builder.block());
  if (watch.moment === 'entry') lowerParameters(lowering, watch);
  else lowerReturned(lowering, watch);
  const entered = countInWatch(lowering, 'entered');
  const within = builder.binary('ule', entered, readCount(lowering, 'allowed'));
  builder.terminate({ op: 'branch', condition: within, then: isAllowed!, otherwise: braked! });
  builder.enter(braked!);
  const address = addressOfCount(lowering, 'braked');
  builder.emit({ op: 'store-at', address, from: builder.constant(1n), bytes: 8 });
  builder.terminate({ op: 'leave' });
  builder.enter(isAllowed!);
  const until = builder.constant(BigInt(watch.until ?? ENDLESS));
  const isOpen = builder.binary('ult', readCount(lowering, 'hits'), until);
  builder.terminate({ op: 'branch', condition: isOpen, then: counted!, otherwise: over! });
  builder.enter(counted!);
  const mayRun = watch.countsRuns
    ? builder.binary('ule', countInWatch(lowering, 'hits'), builder.constant(BigInt(watch.until ?? ENDLESS)))
    : builder.constant(1n);
  builder.branchInto(mayRun, run!, over!);
  lowerStatement(lowering, watch.body);
  builder.jumpInto(over!);
  builder.terminate({ op: 'leave' });
  lowerFunctions(lowering);
  builder.enter(abandoned!);
  countInWatch(lowering, 'abandoned');
  builder.terminate({ op: 'leave' });
  if (lowering.checkedPointers.length > 0) throw new Error('the body of a watch calls a pointer');
  return finish(lowering, abandoned);
}

/**
 * What runs at each entry of a function whose returns are watched: it notes when that was, in the memory that
 * the kernel has for each call.
 */
export function lowerEntryClock({ clock, instanceData }: ReturnLayout): HandlerProgram {
  const lowering = new Lowering(undefined, 'module');
  const { builder } = lowering;
  const now = lowering.call(clock, []);
  builder.emit({ op: 'store-at', address: instanceAt(lowering, instanceData), from: now, bytes: 8 });
  builder.terminate({ op: 'leave' });
  return finish(lowering, undefined);
}

/** `elapsed_ns()`: from what {@link lowerEntryClock} noted until now. */
export function lowerElapsed(lowering: Lowering): Temp {
  const { builder, watch } = lowering;
  const { clock, instanceData } = watch!.returns!;
  const now = lowering.call(clock, []);
  const to = builder.temp();
  builder.emit({ op: 'load-at', to, address: instanceAt(lowering, instanceData), bytes: 8 });
  return builder.binary('sub', now, to);
}

function instanceAt({ builder }: Lowering, offset: number): Temp {
  const instance = builder.temp();
  builder.emit({ op: 'instance', to: instance });
  return builder.binary('add', instance, builder.constant(BigInt(offset)));
}

function finish(lowering: Lowering, cleanup: BlockIndex | undefined): HandlerProgram {
  return lowering.builder.finish({
    localBytes: lowering.localBytes,
    fuel: HANDLER_FUEL,
    cleanup,
    pointerChecks: [],
    callNext: lowering.callNext,
    exits: new Set(lowering.functions.map(({ exit }) => exit)),
  });
}

/** The body finds what the function returned in a variable of its own. */
function lowerReturned(lowering: Lowering, { returned }: TypedWatch): void {
  if (!returned) return;
  const { builder } = lowering;
  const from = builder.temp();
  builder.emit({ op: 'returned', to: from });
  const bytes = scalarLayout(returned.type)!.sizeBytes as ScalarBytes;
  builder.emit({ op: 'store', offset: lowering.offsetOf(returned), from, bytes });
}

/**
 * Variables of the body start as zeros, as all of a program do; its parameters as what the function is given.
 */
function lowerParameters(lowering: Lowering, { params, watched }: TypedWatch): void {
  const given = params.map((param): LocalOffset | BlockValue => {
    const offset = lowering.offsetOf(param);
    if (scalarLayout(param.type)) return offset;
    const { bytes, unaligned } = alignmentOf(param.type);
    return { offset, bytes: sizeOf(param.type) ?? 0, alignment: bytes, unaligned };
  });
  const { result } = watched.type;
  const isRecord = !scalarLayout(result) && bare(result).kind !== 'void';
  const returned = isRecord ? newBlock(lowering, result) : undefined;
  if (given.length > 0) lowering.builder.emit({ op: 'parameters', params: given, result: returned });
}
