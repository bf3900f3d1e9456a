import { describe, expect, it } from 'vitest';
import type { ProbeJson } from '../../../../controller/console/web/api/index.ts';
import {
  groupsOf,
  type HitSample,
  hitsBetween,
  withSample,
} from '../../../../controller/console/web/pages/probes/hit-history.ts';

const probe = (host: string, changes: Partial<ProbeJson> = {}): ProbeJson => ({
  ...{ host, module: 'farcall_d_1', requestId: 'r1', text: 'deny f with -1', callers: [] },
  ...changes,
});

describe('the probes of a fleet', () => {
  it('the probes of a fleet are counted by request and by what they deny, those with most hits first', () => {
    const groups = groupsOf([
      probe('a', { hits: 2, missed: 1 }),
      probe('b', { hits: 3, abandoned: 4 }),
      probe('b', { text: 'deny g with -1', hits: 9 }),
      probe('c'),
      { host: 'd', module: 'farcall_d_9', callers: [] },
    ]);
    expect(
      groups.map(({ text, hits, passed, unread, probes }) => [text, hits, passed, unread, probes.length]),
    ).toEqual([
      ['deny g with -1', 9, 0, 0, 1],
      ['deny f with -1', 5, 5, 1, 3],
      ['the module farcall_d_9, which its host does not know', 0, 0, 1, 1],
    ]);
  });
});

describe('the history of hits', () => {
  const historyOf = (...all: readonly [atMs: number, hits: number][]) =>
    all.reduce<readonly HitSample[]>((samples, [atMs, hits]) => withSample(samples, { atMs, hits }), []);

  it('the history of hits takes one sample of each reply, and tells what came between them', () => {
    const samples = historyOf([1000, 5], [1000, 6], [2000, 6], [3000, 10]);
    expect(samples.map(({ hits }) => hits)).toEqual([5, 6, 10]);
    expect(hitsBetween(samples)).toEqual([
      { atMs: 2000, hits: 1 },
      { atMs: 3000, hits: 4 },
    ]);
  });

  it('the history of hits begins again where hosts have left, because fewer hits cannot be compared', () => {
    expect(historyOf([1000, 5], [2000, 3])).toEqual([{ atMs: 2000, hits: 3 }]);
  });

  it('the history of hits keeps the newest hour', () => {
    const samples = historyOf(...Array.from({ length: 300 }, (_, n): [number, number] => [n, n]));
    expect(samples).toHaveLength(120);
    expect(samples.at(-1)).toEqual({ atMs: 299, hits: 299 });
  });
});
