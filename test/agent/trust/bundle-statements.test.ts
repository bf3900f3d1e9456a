import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { HostTrustStore, TrustFetcher } from '../../../agent/trust/index.ts';
import { STATEMENT_LIMIT_MS } from '../../../agent/verify/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';
import {
  bundleStatementCodec,
  type SignedBundle,
  trustQueryCodec,
  trustReplyCodec,
} from '../../../shared/messages/index.ts';
import { digestText, type SigningKey, sha256 } from '../../../shared/tokens/index.ts';
import { encodeTrustBundle, type TrustBundle } from '../../../shared/trust/index.ts';
import { BUNDLE, KEYS, pinnedOf, tokenOf } from '../../kit/cast.ts';
import { codeOf, type TestClock, testClock } from '../../kit/controller-kit.ts';
import { signedBy } from '../../kit/keys/trust-kit.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MINUTE_MS = 60_000;
const version = (number: number, changes: Partial<TrustBundle> = {}): TrustBundle => ({
  ...BUNDLE,
  version: number,
  ...changes,
});

describe('statements of controllers about the newest trust bundle', () => {
  let stateDirectory: string;
  let clock: TestClock;
  let logged: { level: number; msg: string; newerVersion?: number }[];
  let store: HostTrustStore;
  const open = (): Promise<HostTrustStore> => {
    const log = pino({ level: 'debug' }, { write: line => void logged.push(JSON.parse(line)) });
    const counters = new CounterSet();
    return HostTrustStore.open({ stateDirectory, pinned: pinnedOf(), clock, counters, log });
  };
  beforeEach(async () => {
    stateDirectory = temporaryDirectory();
    clock = testClock();
    logged = [];
    store = await open();
    await store.accept(signedBy(BUNDLE));
  });

  /** A statement that `bundle` is the newest. */
  function statement(
    bundle: TrustBundle,
    {
      iss = 'ctl-1',
      key = KEYS['ctl-1'],
      atMs = clock.nowMs(),
    }: { iss?: string; key?: SigningKey; atMs?: number } = {},
  ): Promise<string> {
    const iat = Math.floor(atMs / 1000);
    const digest = digestText(sha256(encodeTrustBundle(bundle)));
    const claims = { iss, iat, exp: iat + 600, version: bundle.version, sha256: digest };
    return tokenOf('freshness', claims, key);
  }

  it('confirm the bundle of a host from the moment at which they were signed, also if they come late', async () => {
    const signedAtMs = clock.nowMs();
    const early = await statement(BUNDLE);
    clock.advance(MINUTE_MS);
    await store.hear(await statement(BUNDLE));
    expect(store.now().statements).toEqual({ confirmedAtMs: signedAtMs + MINUTE_MS, newer: undefined });
    clock.advance(8 * MINUTE_MS);
    await store.hear(early);
    expect(store.status()).toMatchObject({ version: 3, confirmedAtMs: signedAtMs + MINUTE_MS });
  });

  it('statements of controllers about the newest trust bundle count for ten minutes', async () => {
    const old = await statement(BUNDLE);
    clock.advance(11 * MINUTE_MS);
    expect(await codeOf(store.hear(old))).toBe('TOKEN_EXPIRED');
    expect(store.status().confirmedAtMs).toBe(0);
  });

  it.each<[string, (bundle: TrustBundle) => Promise<string>]>([
    ['an approver', bundle => statement(bundle, { iss: 'bob', key: KEYS.bob })],
    ['an approver in the name of the controller', bundle => statement(bundle, { key: KEYS.bob })],
  ])(
    'statements of controllers about the newest trust bundle count only if a controller signed them, not %s',
    async (_who, by) => {
      for (const bundle of [BUNDLE, version(4)])
        expect(await codeOf(store.hear(await by(bundle)))).toBe('TOKEN_KEY_UNKNOWN');
      expect(store.status()).toEqual({ version: 3, confirmedAtMs: 0, newer: undefined });
    },
  );

  it('statements of controllers about the newest trust bundle do not confirm another bundle of the version that a host has', async () => {
    const other = version(3, { expiresAtMs: BUNDLE.expiresAtMs + 1 });
    expect(await codeOf(store.hear(await statement(other)))).toBe('TRUST_EQUIVOCATION');
    expect(store.status().confirmedAtMs).toBe(0);
  });

  it('confirm nothing if their controller has an older bundle than the host', async () => {
    expect(await store.hear(await statement(version(2)))).toBeUndefined();
    expect(store.status().confirmedAtMs).toBe(0);
  });

  it('statements of controllers about the newest trust bundle tell a host of a bundle that is withheld from it, and since when, also over a restart', async () => {
    const sinceMs = clock.nowMs();
    expect(await store.hear(await statement(version(4)))).toBe(4);
    clock.advance(MINUTE_MS);
    expect(await store.hear(await statement(version(5)))).toBe(5);
    const newer = { version: 5, sinceMs };
    expect(store.now().statements).toEqual({ confirmedAtMs: 0, newer });
    expect((await open()).now().statements).toEqual({ confirmedAtMs: 0, newer });
  });

  it('about newer bundles end with the next bundle, in which their controller may be missing', async () => {
    await store.hear(await statement(version(2 ** 31 - 1)));
    await store.accept(signedBy(version(4)));
    expect(store.status()).toEqual({ version: 4, confirmedAtMs: 0, newer: undefined });
    expect((await open()).status().newer).toBeUndefined();
  });

  it('statements of controllers about the newest trust bundle that stay away are logged once, and so are withheld bundles', async () => {
    const reports = () => logged.filter(({ msg }) => /newest|withheld/.test(msg)).map(({ level }) => level);
    store.report();
    clock.advance(STATEMENT_LIMIT_MS + 1);
    for (let times = 0; times < 3; times++) store.report();
    expect(reports()).toEqual([40]);
    await store.hear(await statement(BUNDLE));
    for (let times = 0; times < 3; times++) store.report();
    expect(reports()).toEqual([40, 30]);
    await store.hear(await statement(version(4)));
    for (let times = 0; times < 3; times++) store.report();
    expect(reports()).toEqual([40, 30, 50]);
  });

  describe('make a host ask', () => {
    let served: SignedBundle[];
    let freshness: string | undefined;
    let asked: number[];
    let fetcher: TrustFetcher;
    beforeEach(() => {
      served = [];
      freshness = undefined;
      asked = [];
      const bus = {
        async request(_topic: string, bytes: Uint8Array): Promise<Uint8Array> {
          const { afterVersion } = trustQueryCodec.decode(bytes);
          asked.push(afterVersion);
          const reply = { bundles: served, lastVersion: 9, newestVersion: 9 };
          return trustReplyCodec.encode({ ...reply, ...(freshness !== undefined && { freshness }) });
        },
      };
      const log = pino({ level: 'silent' });
      const counters = new CounterSet();
      const options = { bus, host: 'web-1', store, counters, log, random: () => 0, jitterMs: 0 };
      fetcher = new TrustFetcher(options);
    });

    it('statements of controllers make a host ask for the newer bundle that they name', async () => {
      served = [signedBy(version(4))];
      freshness = await statement(version(4));
      await fetcher.takeStatement(bundleStatementCodec.encode({ token: freshness }));
      expect(store.status()).toEqual({ version: 4, confirmedAtMs: clock.nowMs(), newer: undefined });
      await fetcher.takeStatement(bundleStatementCodec.encode({ token: freshness }));
      expect(asked).toEqual([3]);
    });

    it('statements of controllers make a host ask in vain if the broker holds that bundle back, which stays known', async () => {
      await fetcher.hear(await statement(version(4)));
      expect(asked).toEqual([3]);
      expect(store.status()).toMatchObject({ version: 3, newer: { version: 4 } });
    });

    it('statements of controllers make a host ask for newer bundles if it does not know their controller, and not for rubbish', async () => {
      await fetcher.takeStatement(Buffer.from('rubbish'));
      await fetcher.hear('rubbish');
      await fetcher.hear(undefined);
      expect(asked).toEqual([]);
      await fetcher.hear(await statement(version(4), { iss: 'ctl-2', key: KEYS.bob }));
      expect(asked).toEqual([3]);
    });
  });
});
