import { beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../controller/store/index.ts';
import {
  answerTrustQuery,
  openTrustRegistry,
  type TrustRegistry,
  trustAfter,
  trustAnnouncer,
  trustSource,
} from '../../../controller/trust/index.ts';
import { signedBundleCodec, trustQueryCodec, trustReplyCodec } from '../../../shared/messages/index.ts';
import {
  decodeTrustBundle,
  type Roots,
  reopenBundle,
  type TrustBundle,
} from '../../../shared/trust/index.ts';
import { BUNDLE, keyOf, pinnedOf, ROOTS, rootsOf, SITE } from '../../kit/cast.ts';
import { codeOf, controllerParts, testBus, testClock } from '../../kit/controller-kit.ts';
import { signedBy } from '../../kit/keys/trust-kit.ts';
import { storeParts } from '../../kit/store-kit.ts';

const version = (number: number, changes: Partial<TrustBundle> = {}): TrustBundle => ({
  ...BUNDLE,
  version: number,
  ...changes,
});

describe('the trust bundles of a controller', () => {
  const clock = testClock();
  const { log } = controllerParts();
  let store: Store;
  let registry: TrustRegistry;
  let changes: number;
  const open = async (): Promise<TrustRegistry> => {
    const opened = await openTrustRegistry({ ...store, pinned: pinnedOf(), log });
    opened.onChange(() => void changes++);
    return opened;
  };
  const versionsAfter = async (afterVersion: number): Promise<number[]> => {
    const { bundles } = await trustAfter({ ...store, registry }, afterVersion);
    return bundles.map(({ bundle }) => decodeTrustBundle(bundle).version);
  };

  beforeEach(async () => {
    store = openStore(':memory:', storeParts(clock));
    changes = 0;
    registry = await open();
  });

  it('the trust bundles of a controller are none at first, and whatever needs one says so', async () => {
    expect(registry.newest()).toBeUndefined();
    const source = trustSource({ site: SITE, newest: () => registry.newest()?.bundle, clock });
    expect(() => source.current()).toThrow(expect.objectContaining({ code: 'TRUST_MISSING' }));
    await registry.publish(signedBy(BUNDLE));
    expect(source.current()).toEqual(BUNDLE);
    expect(changes).toBe(1);
  });

  it('the trust bundles of a controller do not change by an older one, a repeated one, or another one of the same version', async () => {
    expect(await registry.publish(signedBy(BUNDLE))).toBe(true);
    expect(await registry.publish(signedBy(BUNDLE, 'rose', 'ruth'))).toBe(false);
    expect(await codeOf(registry.publish(signedBy(version(2))))).toBe('TRUST_OLDER');
    const other = version(3, { expiresAtMs: BUNDLE.expiresAtMs + 1 });
    expect(await codeOf(registry.publish(signedBy(other)))).toBe('TRUST_EQUIVOCATION');
    expect(await codeOf(registry.publish(signedBy(version(4), 'rob')))).toBe('TRUST_SIGNATURES');
    expect(registry.newest()?.bundle).toEqual(BUNDLE);
    expect(changes).toBe(1);
  });

  it('the trust bundles of a controller are there again after a restart, and then the pinned roots no longer apply', async () => {
    await registry.publish(signedBy(BUNDLE));
    const newRoots = rootsOf(1, 'ruth');
    await registry.publish(signedBy(version(4, { roots: newRoots }), 'rob', 'ruth'));
    registry = await open();
    expect(registry.newest()?.bundle.version).toBe(4);
    expect(await codeOf(registry.publish(signedBy(version(5))))).toBe('TRUST_SIGNATURES');
    expect(await registry.publish(signedBy(version(5, { roots: newRoots }), 'ruth'))).toBe(true);
  });

  it('the trust bundles of a controller are not those that somebody else wrote into its database', async () => {
    await registry.publish(signedBy(BUNDLE));
    const evil = signedBy(version(4, { roots: rootsOf(1, 'eve') }), 'eve');
    await store.trustBundles.add(await reopenBundle(evil), true);
    expect(await codeOf(open())).toBe('TRUST_SIGNATURES');
    await registry.refresh().catch(() => undefined);
    expect(registry.newest()?.bundle).toEqual(BUNDLE);
  });

  it('the trust bundles of a controller are found by roots of its configuration that came later than the first', async () => {
    const other = rootsOf(2, 'rose', 'ruth');
    await registry.publish(signedBy(BUNDLE));
    await registry.publish(signedBy(version(4, { roots: other }), 'rob', 'rose', 'ruth'));
    await registry.publish(signedBy(version(5, { roots: other }), 'rose', 'ruth'));
    const later = await openTrustRegistry({ ...store, pinned: pinnedOf(other), log });
    expect(later.newest()?.bundle.version).toBe(5);
    const strangers = openTrustRegistry({ ...store, pinned: pinnedOf(rootsOf(1, 'eve')), log });
    expect(await codeOf(strangers)).toBe('TRUST_SIGNATURES');
  });

  it('the trust bundles of a controller are evaluated one after the other, and few may wait', async () => {
    const signed = [4, 5, 6, 7, 8, 9].map(number => signedBy(version(number)));
    const verdicts = await Promise.all(signed.map(each => registry.publish(each).catch(error => error.code)));
    expect(verdicts).toEqual([true, true, true, true, 'UNREACHABLE', 'UNREACHABLE']);
    expect(registry.newest()?.bundle.version).toBe(7);
  });

  it('the trust bundles of a controller are written into the audit log, and the store keeps each', async () => {
    await registry.publish(signedBy(BUNDLE));
    expect((await store.audit.head()).seq).toBe(1);
    expect(await store.trustBundles.newest()).toEqual({
      ...signedBy(BUNDLE),
      bundle: new Uint8Array(signedBy(BUNDLE).bundle),
    });
  });

  it('the trust bundles of a controller lead a host from any version to the newest over every change of roots', async () => {
    const other = rootsOf(2, 'rose', 'ruth');
    const steps: [number, Roots][] = [
      [3, ROOTS],
      [4, ROOTS],
      [5, other],
      [6, other],
      [7, other],
      [8, ROOTS],
      [9, ROOTS],
    ];
    for (const [number, roots] of steps)
      await registry.publish(signedBy(version(number, { roots }), 'rob', 'rose', 'ruth'));
    expect(await versionsAfter(0)).toEqual([3, 5, 8, 9]);
    expect(await versionsAfter(4)).toEqual([5, 8, 9]);
    expect(await versionsAfter(5)).toEqual([8, 9]);
    expect(await versionsAfter(8)).toEqual([9]);
    expect(await versionsAfter(9)).toEqual([]);
    expect(await versionsAfter(1000)).toEqual([]);
  });

  /** The longest that a statement about the newest bundle can be. */
  const signFreshness = async () => 'x'.repeat(8192);

  it('the trust bundles of a controller are sent in pages that fit a message', async () => {
    const many = Array.from({ length: 1800 }, (_, index) => ({
      name: `person-${index}`,
      keys: [keyOf(`person-${index}`).publicJwk],
    }));
    for (const number of [3, 4, 5, 6, 7, 8]) {
      const roots = number % 2 === 0 ? ROOTS : rootsOf(1, 'rob', 'rose');
      await registry.publish(signedBy(version(number, { roots, requesters: many }), 'rob', 'rose'));
    }
    const pages: number[][] = [];
    for (let after = 0; after < 8; after = pages.at(-1)?.at(-1) ?? 8) {
      const bytes = await answerTrustQuery(
        { ...store, registry, signFreshness },
        { host: 'web-1', bytes: trustQueryCodec.encode({ host: 'web-1', afterVersion: after }) },
      );
      const reply = trustReplyCodec.decode(bytes);
      expect(reply.newestVersion).toBe(8);
      pages.push(reply.bundles.map(({ bundle }) => decodeTrustBundle(bundle).version));
    }
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat()).toEqual([3, 4, 5, 6, 7, 8]);
  });

  it('the trust bundles of a controller are not asked for in the name of another host', async () => {
    const bytes = trustQueryCodec.encode({ host: 'web-2', afterVersion: 0 });
    expect(
      await codeOf(answerTrustQuery({ ...store, registry, signFreshness }, { host: 'web-1', bytes })),
    ).toBe('MESSAGE_INVALID');
  });

  it('the trust bundles of a controller are announced once, when the broker is there', async () => {
    const bus = testBus();
    const announce = trustAnnouncer();
    await announce({ registry, bus, log });
    await registry.publish(signedBy(BUNDLE));
    bus.isAway = true;
    expect(await codeOf(announce({ registry, bus, log }))).toBe('UNREACHABLE');
    bus.isAway = false;
    await announce({ registry, bus, log });
    await announce({ registry, bus, log });
    expect(bus.published.map(({ subject }) => subject)).toEqual(['farcall.trust']);
    expect(signedBundleCodec.decode(bus.published[0]!.bytes).signatures).toHaveLength(2);
  });
});
