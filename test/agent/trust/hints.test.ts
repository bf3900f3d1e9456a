import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TrustFetcher } from '../../../agent/trust/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';
import { type ErrorCode, FarcallError } from '../../../shared/errors/index.ts';
import { bundleStatementCodec, trustQueryCodec, trustReplyCodec } from '../../../shared/messages/index.ts';

/** How long the fetcher waits before it follows a hint, and what happens meanwhile. */
const pauses = {
  taken: [] as { ms: number; signal: AbortSignal }[],
  meanwhile: () => {},
};
const pause = async (ms: number, signal: AbortSignal) => {
  pauses.taken.push({ ms, signal });
  pauses.meanwhile();
};

type Page = { readonly lastVersion: number; readonly newestVersion: number; readonly freshness?: string };

/** A fetcher before a trust store and a controller that answers with pages, or not at all. */
function fetcherWith({ random = 0.5, jitterMs = 60_000 } = {}) {
  const seen = {
    asked: [] as number[],
    heard: [] as string[],
    logged: [] as string[],
    offered: 0,
    version: 3,
    page: (_after: number): Page | undefined => undefined,
    hear: async (): Promise<number | undefined> => undefined,
  };
  const bus = {
    async request(_topic: string, bytes: Uint8Array) {
      const { afterVersion } = trustQueryCodec.decode(bytes);
      seen.asked.push(afterVersion);
      const page = seen.page(afterVersion);
      if (!page) throw new FarcallError('UNREACHABLE', 'no controller');
      return trustReplyCodec.encode({ bundles: [], ...page });
    },
  };
  const store = {
    get version() {
      return seen.version;
    },
    async offer() {
      seen.offered++;
      return undefined;
    },
    hear(token: string) {
      seen.heard.push(token);
      return seen.hear();
    },
  };
  const counters = new CounterSet();
  const write = (level: string) => (about: { code?: string }) =>
    void seen.logged.push(`${level} ${about.code}`);
  const log = { debug: write('debug'), warn: write('warn'), error: write('error') } as never;
  const options = { bus, host: 'web-1', store, counters, log, random: () => random, jitterMs, pause };
  return { seen, fetcher: new TrustFetcher(options as never) };
}

const failing = (code: ErrorCode) => async () => {
  throw new FarcallError(code, 'no');
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  pauses.taken.length = 0;
  pauses.meanwhile = () => {};
});
afterEach(() => vi.useRealTimers());

describe('a hint that there is a newer trust bundle', () => {
  test.each([
    [60_000, 1000],
    [100, 50],
  ])(
    'a hint is followed after a part of at most two seconds, with a jitter of %i ms after %i ms',
    async (jitterMs, waitMs) => {
      const { seen, fetcher } = fetcherWith({ jitterMs });
      await fetcher.catchUp(4);
      expect(pauses.taken).toEqual([{ ms: waitMs, signal: expect.any(AbortSignal) }]);
      expect(seen.asked).toEqual([3]);
      fetcher.stop();
      expect(pauses.taken[0]!.signal.aborted).toBe(true);
    },
  );

  test.each([4, 5])(
    'a hint is not followed if the bundle has come while the host waited: it has %i',
    async version => {
      const { seen, fetcher } = fetcherWith();
      pauses.meanwhile = () => {
        seen.version = version;
      };
      await fetcher.catchUp(4);
      expect(seen.asked).toEqual([]);
    },
  );

  test('a hint is not followed if the agent has stopped while the host waited', async () => {
    const { seen, fetcher } = fetcherWith();
    pauses.meanwhile = () => fetcher.stop();
    await fetcher.catchUp(4);
    expect(seen.asked).toEqual([]);
  });

  test('a hint that nobody answers is followed again by itself, and one that was answered is not', async () => {
    const { seen, fetcher } = fetcherWith();
    await fetcher.catchUp(4);
    expect(vi.getTimerCount()).toBe(1);
    seen.page = () => ({ lastVersion: 3, newestVersion: 3 });
    await vi.advanceTimersByTimeAsync(300_000);
    expect([seen.asked, vi.getTimerCount()]).toEqual([[3, 3], 0]);
    await fetcher.catchUp(4);
    expect([seen.asked.length, vi.getTimerCount()]).toEqual([3, 0]);
  });

  test('a hint that led to a bundle does not keep the next one from being followed', async () => {
    const { seen, fetcher } = fetcherWith();
    seen.page = () => {
      seen.version++;
      return { lastVersion: seen.version, newestVersion: seen.version };
    };
    await fetcher.catchUp(4);
    await fetcher.catchUp(5);
    expect(seen.asked).toEqual([3, 4]);
  });

  test('a hint by a controller that the host does not know is followed, and no other refusal is', async () => {
    const { seen, fetcher } = fetcherWith();
    seen.hear = failing('TOKEN_SIGNATURE');
    await fetcher.hear('a');
    expect(seen.asked).toEqual([]);
    seen.hear = failing('TOKEN_KEY_UNKNOWN');
    await fetcher.hear('b');
    expect([seen.heard, seen.asked]).toEqual([['a', 'b'], [3]]);
  });
});

describe('the queries of a host for trust bundles', () => {
  test('the queries of a host come later and later where nobody answers', async () => {
    const { seen, fetcher } = fetcherWith({ random: 0, jitterMs: 0 });
    fetcher.ask();
    fetcher.ask();
    expect(vi.getTimerCount()).toBe(1);
    const gaps: number[] = [];
    for (let count = 0, gap = 0; count < 5; gap++) {
      const before = seen.asked.length;
      await vi.advanceTimersByTimeAsync(500);
      if (seen.asked.length === before) continue;
      gaps.push(gap);
      gap = 0;
      count++;
    }
    expect(gaps.slice(1)).toEqual(gaps.slice(1).toSorted((one, other) => one - other));
    expect(new Set(gaps.slice(1)).size).toBe(4);
    fetcher.stop();
    expect(vi.getTimerCount()).toBe(0);
    fetcher.ask();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('the queries of a host for pages end after 64, and when a page brings nothing further', async () => {
    const { seen, fetcher } = fetcherWith();
    seen.page = after => ({ lastVersion: after + 1, newestVersion: 1_000_000 });
    await fetcher.catchUp(1_000_000);
    expect(seen.asked).toHaveLength(64);
    const stuck = fetcherWith();
    stuck.seen.page = after => ({ lastVersion: after, newestVersion: 1_000_000 });
    await stuck.fetcher.catchUp(9);
    expect(stuck.seen.asked).toEqual([3]);
  });

  test('the queries of a host for pages end when its agent stops', async () => {
    const { seen, fetcher } = fetcherWith();
    seen.page = after => {
      if (after === 5) fetcher.stop();
      return { lastVersion: after + 1, newestVersion: 1_000_000 };
    };
    await fetcher.catchUp(9);
    expect(seen.asked).toEqual([3, 4, 5]);
  });

  test('the statement in a reply is heard, and one that does not hold breaks nothing', async () => {
    const { seen, fetcher } = fetcherWith();
    seen.page = () => ({ lastVersion: 3, newestVersion: 3 });
    await fetcher.catchUp(4);
    expect(seen.heard).toEqual([]);
    const other = fetcherWith();
    other.seen.page = () => ({ lastVersion: 3, newestVersion: 3, freshness: 'a.b.c' });
    other.seen.hear = failing('TRUST_EQUIVOCATION');
    await other.fetcher.catchUp(4);
    expect([other.seen.heard, other.seen.logged]).toEqual([['a.b.c'], ['error TRUST_EQUIVOCATION']]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a statement about the newest trust bundle', () => {
  test.each([
    ['TRUST_EQUIVOCATION', 'error'],
    ['TRUST_MISSING', 'debug'],
    ['TOKEN_SIGNATURE', 'warn'],
  ] as const)(
    'a statement that is refused with %s is logged as %s, and ever more rarely',
    async (code, level) => {
      const { seen, fetcher } = fetcherWith();
      seen.hear = failing(code);
      for (let count = 0; count < 5; count++)
        await fetcher.takeStatement(bundleStatementCodec.encode({ token: 'a.b.c' }));
      // The first, the second and the fourth of the five.
      expect(seen.logged).toEqual(Array.from({ length: 3 }, () => `${level} ${code}`));
      expect(seen.heard).toHaveLength(5);
    },
  );

  test('a message that is no statement, and no bundle, reaches no trust store, and is logged', async () => {
    const { seen, fetcher } = fetcherWith();
    await fetcher.takeStatement(Buffer.from('rubbish'));
    await fetcher.hear(undefined);
    await fetcher.take(Buffer.from('rubbish'));
    expect([seen.heard, seen.offered, seen.asked]).toEqual([[], 0, []]);
    expect(seen.logged).toEqual([expect.stringMatching(/^warn /), expect.stringMatching(/^debug /)]);
  });

  test('a statement that names a newer bundle has the host ask for it', async () => {
    const { seen, fetcher } = fetcherWith();
    seen.hear = async () => 4;
    await fetcher.hear('a.b.c');
    expect(seen.asked).toEqual([3]);
  });
});
