import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostTrustStore, namedTrustVersion, TrustFetcher } from '../../../agent/trust/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  type SignedBundle,
  signedBundleCodec,
  trustQueryCodec,
  trustReplyCodec,
} from '../../../shared/messages/index.ts';
import { decodeTrustBundle, siteOf, type TrustBundle } from '../../../shared/trust/index.ts';
import { BUNDLE, pinnedOf, rootsOf } from '../../kit/cast.ts';
import { testClock } from '../../kit/controller-kit.ts';
import { eventually } from '../../kit/eventually.ts';
import { signedBy } from '../../kit/keys/trust-kit.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const version = (number: number, changes: Partial<TrustBundle> = {}): TrustBundle => ({
  ...BUNDLE,
  version: number,
  ...changes,
});

describe('a host asks for newer trust bundles', () => {
  /** What the controller, or a broker in its place, has; two bundles go into a page. */
  let served: SignedBundle[];
  let asked: number[];
  let store: HostTrustStore;
  let fetcher: TrustFetcher;
  const versionOf = ({ bundle }: SignedBundle): number => decodeTrustBundle(bundle).version;
  const bus = {
    async request(_topic: string, bytes: Uint8Array): Promise<Uint8Array> {
      const { afterVersion } = trustQueryCodec.decode(bytes);
      asked.push(afterVersion);
      if (served.length === 0) throw new FarcallError('UNREACHABLE', 'no controller');
      const bundles = served.filter(each => versionOf(each) > afterVersion).slice(0, 2);
      const lastVersion = Math.max(afterVersion, ...bundles.map(versionOf));
      return trustReplyCodec.encode({ bundles, lastVersion, newestVersion: versionOf(served.at(-1)!) });
    },
  };

  beforeEach(async () => {
    const log = pino({ level: 'silent' });
    served = [];
    asked = [];
    store = await HostTrustStore.open({
      stateDirectory: temporaryDirectory(),
      pinned: pinnedOf(),
      clock: testClock(),
      counters: new CounterSet(),
      log,
    });
    const counters = new CounterSet();
    fetcher = new TrustFetcher({ bus, host: 'web-1', store, counters, log, random: () => 0, jitterMs: 0 });
  });
  afterEach(() => fetcher.stop());

  const other = rootsOf(2, 'ruth', 'rick');
  const third = rootsOf(1, 'eve');
  const chain = () => [
    signedBy(version(3)),
    signedBy(version(5, { roots: other }), 'rose', 'ruth', 'rick'),
    signedBy(version(8, { roots: third }), 'ruth', 'rick', 'eve'),
    signedBy(version(9, { roots: third }), 'eve'),
  ];

  it('page by page, from one change of roots to the next', async () => {
    served = chain();
    await fetcher.catchUp(9);
    expect(store.version).toBe(9);
    expect(asked).toEqual([0, 5]);
  });

  it('a host passes over a bundle that it cannot verify: its pinned roots may be newer', async () => {
    served = [signedBy(version(1, { roots: third, site: siteOf(third) }), 'eve'), ...chain().slice(0, 2)];
    await fetcher.catchUp(5);
    expect(store.version).toBe(5);
  });

  it('a change of roots that is held back leaves the host where it is', async () => {
    served = [chain()[0]!, ...chain().slice(2)];
    await fetcher.catchUp(9);
    expect(store.version).toBe(3);
  });

  it('a host asks for newer trust bundles unless an order names the bundle that it has', async () => {
    await store.accept(signedBy(version(3)));
    await fetcher.catchUp(3);
    await fetcher.catchUp(0);
    expect(asked).toEqual([]);
  });

  it('once, and not again for a while, for orders that name bundles that do not exist', async () => {
    served = [signedBy(version(3))];
    await store.accept(served[0]!);
    for (let order = 0; order < 50; order++) await fetcher.catchUp(1000 + order);
    expect(asked).toEqual([3]);
  });

  it('a host asks for newer trust bundles after a bundle that its roots did not sign, since it may have missed a change of roots', async () => {
    await store.accept(signedBy(version(3)));
    served = chain();
    await fetcher.take(signedBundleCodec.encode(served[3]!));
    expect(store.version).toBe(9);
  });

  it('a host takes a bundle that is announced without asking for it', async () => {
    await fetcher.take(signedBundleCodec.encode(signedBy(version(3))));
    await fetcher.take(signedBundleCodec.encode(signedBy(version(2))));
    await fetcher.take(Buffer.from('rubbish'));
    await fetcher.take(new Uint8Array(400_000));
    expect([store.version, asked]).toEqual([3, []]);
  });

  it('a host asks again where nobody answers', async () => {
    fetcher.ask();
    await eventually('it asks', () => asked.length > 0, { pauseMs: 1 });
    served = [signedBy(version(3))];
    await eventually('it has a bundle', () => store.version > 0);
    expect(asked.length).toBeGreaterThan(1);
  });

  it('a host asks no more once it is stopped', async () => {
    served = chain();
    fetcher.stop();
    fetcher.ask();
    await fetcher.catchUp(9);
    expect(asked).toEqual([]);
  });
});

describe('the version that an order names', () => {
  it('the version that an order names is read before the order is verified, and is 0 where there is none', async () => {
    const kit = orderKit(Date.now());
    expect(namedTrustVersion((await kit.order({ trustVersion: 17, orderBy: 'mallory' })).envelope)).toBe(17);
    for (const bytes of [new Uint8Array(), Buffer.from('rubbish'), new Uint8Array(2 << 20)])
      expect(namedTrustVersion(bytes)).toBe(0);
  });
});
