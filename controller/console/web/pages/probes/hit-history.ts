import { useRef } from 'react';
import type { ProbeJson, ProbeListJson } from '../../api/index.ts';

/** What one request denies with one function, on all hosts. */
export interface ProbeGroup {
  /** Says which it is, from one reply to the next. */
  readonly key: string;
  /** Undefined where the hosts do not know the module. */
  readonly requestId: string | undefined;
  readonly text: string;
  readonly probes: readonly ProbeJson[];
  /** Calls that were denied, on the hosts that could count them. */
  readonly hits: number;
  /** Calls that came through although they should have been denied. */
  readonly passed: number;
  /** Hosts that cannot read the counters. */
  readonly unread: number;
}

/** How many calls were denied in all, at one moment. */
export interface HitSample {
  readonly atMs: number;
  readonly hits: number;
}

/** Samples that are kept of each group: with one each half a minute, of the last hour. */
const SAMPLES_LIMIT = 120;

/** The probes by request and by what they do, those with the most hits first. */
export function groupsOf(probes: readonly ProbeJson[]): ProbeGroup[] {
  const groups = Map.groupBy(probes, ({ requestId = '', text, module }) => `${requestId} ${text ?? module}`);
  return [...groups]
    .map(([key, all]) => {
      const [{ requestId, text, module }] = all as [ProbeJson, ...ProbeJson[]];
      return {
        ...{
          key,
          requestId,
          probes: all,
          text: text ?? `the module ${module}, which its host does not know`,
        },
        hits: all.reduce((sum, { hits = 0 }) => sum + hits, 0),
        passed: all.reduce((sum, { missed = 0, abandoned = 0 }) => sum + missed + abandoned, 0),
        unread: all.filter(({ hits }) => hits === undefined).length,
      };
    })
    .sort((one, other) => other.hits - one.hits || (one.key < other.key ? -1 : 1));
}

/**
 * `samples` and one more of now. If the hits have become fewer, hosts have left or booted: what was counted
 * before cannot be compared with that, so the history begins again.
 */
export function withSample(samples: readonly HitSample[], now: HitSample): readonly HitSample[] {
  const last = samples.at(-1);
  if (last && now.atMs <= last.atMs) return samples;
  if (last && now.hits < last.hits) return [now];
  return [...samples, now].slice(-SAMPLES_LIMIT);
}

/** The hits between each sample and the next. */
export function hitsBetween(samples: readonly HitSample[]): HitSample[] {
  return samples.slice(1).map(({ atMs, hits }, index) => ({ atMs, hits: hits - samples[index]!.hits }));
}

/** The samples of each group since the page was opened. The controller keeps none. */
export function useHitHistory(
  reply: Pick<ProbeListJson, 'nowMs'> | undefined,
  groups: readonly ProbeGroup[],
): (key: string) => readonly HitSample[] {
  const history = useRef<ReadonlyMap<string, readonly HitSample[]>>(new Map());
  if (reply) {
    const before = history.current;
    const entries = groups.map(({ key, hits }) => {
      const samples = withSample(before.get(key) ?? [], { atMs: reply.nowMs, hits });
      return [key, samples] as const;
    });
    history.current = new Map(entries);
  }
  return key => history.current.get(key) ?? [];
}
