import { END, type Temp } from './blocks/index.ts';
import { ENDLESS } from './lower-handler.ts';
import type { Lowering } from './lowering.ts';
import { allow, asInt, type OpenWatch, takeOut } from './watch-state.ts';

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;

/**
 * Waits in sleeps of a tick, and takes out each watch that is over: it has its hits, or its time is over, or
 * its brake has stopped it. Goes on once none is left; with `any` once one has its hits.
 */
export function waitForHits(
  lowering: Lowering,
  watches: readonly OpenWatch[],
  { ends, at }: { readonly ends: 'any' | 'all'; readonly at: number },
): void {
  const { builder } = lowering;
  const [again, rest, killed, over] = [0, 1, 2, 3].map(() => builder.block());
  const { clock, sleep } = watches[0]!.watch.support;
  builder.jumpInto(again!);
  const now = lowering.call(clock, []);
  for (const each of watches) look(lowering, each, { now, hasHits: ends === 'any' ? over : undefined });
  const left = watches
    .map(({ state }) => builder.load(state.probe.registered))
    .reduce((some, one) => builder.binary('or', some, one));
  builder.branchInto(left, rest!, over!);
  const unslept = asInt(lowering, lowering.call(sleep, [builder.constant(1n)]));
  builder.terminate({ op: 'branch', condition: unslept, then: killed!, otherwise: again! });
  builder.enter(killed!);
  builder.terminate({ op: 'end', end: END.SKIPPED, sourceOffset: at, detail: builder.constant(0n) });
  builder.enter(over!);
}

/** Looks at one watch: takes it out if it is over, or lets its handler run as often in the next second. */
function look(
  lowering: Lowering,
  { watch, state }: OpenWatch,
  { now, hasHits }: { readonly now: Temp; readonly hasHits: number | undefined },
): void {
  const { builder } = lowering;
  const { counts, probe, start, windowStart } = state;
  const [there, full, ended, running, newWindow, done] = [0, 1, 2, 3, 4, 5].map(() => builder.block());
  builder.branchInto(builder.load(probe.registered), there!, done!);
  const until = builder.constant(BigInt(watch.until ?? ENDLESS));
  const isOpen = builder.binary('ult', builder.load(counts['hits']!), until);
  const alive = builder.block();
  builder.terminate({ op: 'branch', condition: isOpen, then: alive, otherwise: full! });
  builder.enter(full!);
  builder.terminate({ op: 'jump', target: hasHits ?? ended! });
  builder.enter(alive);
  const life = builder.constant(BigInt(watch.forMs) * NS_PER_MS);
  const isInTime = builder.binary('ult', builder.binary('sub', now, builder.load(start)), life);
  const stopped = builder.binary('or', builder.load(counts['braked']!), builder.load(counts['slow']!));
  const isFree = builder.binary('eq', stopped, builder.constant(0n));
  builder.terminate({
    op: 'branch',
    condition: builder.binary('and', isInTime, isFree),
    then: running!,
    otherwise: ended!,
  });
  builder.enter(ended!);
  takeOut(lowering, probe);
  builder.terminate({ op: 'jump', target: done! });
  builder.enter(running!);
  const inWindow = builder.binary('sub', now, builder.load(windowStart));
  builder.branchInto(builder.binary('ule', builder.constant(NS_PER_S), inWindow), newWindow!, done!);
  builder.store(windowStart, now);
  allow(lowering, { watch, state });
  builder.jumpInto(done!);
}
