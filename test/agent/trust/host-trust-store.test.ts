import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { HostTrustStore, TRUST_FILE, trustFiles } from '../../../agent/trust/index.ts';
import { openStore } from '../../../controller/store/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';
import { digestText, sha256 } from '../../../shared/tokens/index.ts';
import {
  encodeTrustBundle,
  type LeastBundle,
  reopenBundle,
  type TrustBundle,
} from '../../../shared/trust/index.ts';
import { BUNDLE, pinnedOf, rootsOf } from '../../kit/cast.ts';
import { codeOf, type TestClock, testClock } from '../../kit/controller-kit.ts';
import { signedBy } from '../../kit/keys/trust-kit.ts';
import { storeParts } from '../../kit/store-kit.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const version = (number: number, changes: Partial<TrustBundle> = {}): TrustBundle => ({
  ...BUNDLE,
  version: number,
  ...changes,
});
const LIFE_MS = BUNDLE.expiresAtMs - testClock().nowMs();

describe('the trust store', () => {
  let stateDirectory: string;
  let clock: TestClock;
  let counters: CounterSet;
  let logged: { level: number; code?: string }[];
  const open = (least?: LeastBundle): Promise<HostTrustStore> => {
    const log = pino({ level: 'debug' }, { write: line => void logged.push(JSON.parse(line)) });
    return HostTrustStore.open({ stateDirectory, pinned: pinnedOf(), least, clock, counters, log });
  };
  const nowOf = (store: HostTrustStore): string => {
    try {
      const { bundle, bundleIsOver } = store.now();
      return `${bundle.version}${bundleIsOver ? ' over' : ''}`;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  beforeEach(() => {
    stateDirectory = temporaryDirectory();
    clock = testClock();
    counters = new CounterSet();
    logged = [];
  });

  it('a host keeps the first bundle that its pinned roots signed, over restarts, readable for itself alone', async () => {
    const store = await open();
    expect(store.version).toBe(0);
    expect(nowOf(store)).toBe('TRUST_MISSING');
    expect(await store.accept(signedBy(BUNDLE))).toBe(true);
    expect(await store.accept(signedBy(BUNDLE))).toBe(false);
    expect(nowOf(await open())).toBe('3');
    expect(statSync(join(stateDirectory, TRUST_FILE)).mode & 0o777).toBe(0o600);
    expect(readdirSync(stateDirectory)).toEqual([TRUST_FILE]);
  });

  it('a host takes no older trust bundle, also after a restart', async () => {
    await (await open()).accept(signedBy(BUNDLE));
    const store = await open();
    expect(await codeOf(store.accept(signedBy(version(2))))).toBe('TRUST_OLDER');
    expect(nowOf(store)).toBe('3');
  });

  /** An enrolment that names `bundle` as the newest. */
  const naming = (bundle: TrustBundle): LeastBundle => ({
    version: bundle.version,
    digest: digestText(sha256(encodeTrustBundle(bundle))),
  });

  it('a new host takes no older trust bundle than its enrolment names, also after a restart', async () => {
    const store = await open(naming(BUNDLE));
    expect(await codeOf(store.accept(signedBy(version(2))))).toBe('TRUST_OLDER');
    expect(nowOf(store)).toBe('TRUST_MISSING');
    expect(await codeOf((await open(naming(BUNDLE))).accept(signedBy(version(2))))).toBe('TRUST_OLDER');
    expect(await store.accept(signedBy(BUNDLE))).toBe(true);
    expect(await store.accept(signedBy(version(4)))).toBe(true);
    expect(nowOf(await open(naming(BUNDLE)))).toBe('4');
  });

  it('a new host takes no other trust bundle of the version that its enrolment names', async () => {
    const other = version(3, { expiresAtMs: BUNDLE.expiresAtMs + 1 });
    const store = await open(naming(BUNDLE));
    expect(await store.offer(signedBy(other))).toBe('TRUST_EQUIVOCATION');
    expect(nowOf(store)).toBe('TRUST_MISSING');
    await (await open()).accept(signedBy(other));
    await expect(open(naming(BUNDLE))).rejects.toMatchObject({ code: 'TRUST_EQUIVOCATION' });
  });

  it('a host that is enrolled again discards a trust bundle that is older than its enrolment names', async () => {
    await (await open()).accept(signedBy(BUNDLE));
    const store = await open(naming(version(4)));
    expect(nowOf(store)).toBe('TRUST_MISSING');
    expect(await codeOf(store.accept(signedBy(BUNDLE)))).toBe('TRUST_OLDER');
    expect(await store.accept(signedBy(version(4)))).toBe(true);
    expect(nowOf(store)).toBe('4');
  });

  it('a host goes on from new roots after a restart', async () => {
    const roots = rootsOf(1, 'ruth');
    const store = await open();
    await store.accept(signedBy(BUNDLE));
    await store.accept(signedBy(version(4, { roots }), 'rob', 'ruth'));
    const again = await open();
    expect(await codeOf(again.accept(signedBy(version(5))))).toBe('TRUST_SIGNATURES');
    expect(await again.accept(signedBy(version(5, { roots }), 'ruth'))).toBe(true);
  });

  it('a host says loudly where the roots contradict themselves', async () => {
    const store = await open();
    await store.accept(signedBy(BUNDLE));
    const other = signedBy(version(3, { expiresAtMs: BUNDLE.expiresAtMs + 1 }));
    expect(await store.offer(other)).toBe('TRUST_EQUIVOCATION');
    expect(logged.at(-1)).toMatchObject({ level: 50, code: 'TRUST_EQUIVOCATION' });
    expect(store.now().bundle.expiresAtMs).toBe(BUNDLE.expiresAtMs);
  });

  it('a trust bundle that could not be written does not count', async () => {
    const store = await open();
    await store.accept(signedBy(BUNDLE));
    // A directory in the place of the draft: it can be neither removed nor written, also by root.
    mkdirSync(join(stateDirectory, `${TRUST_FILE}.new`));
    expect(await codeOf(store.accept(signedBy(version(4))))).toBe('STORE_FAILED');
    expect(nowOf(store)).toBe('3');
    expect(nowOf(await open())).toBe('3');
  });

  it('a host refuses to start with a trust bundle that was changed on the disk', async () => {
    await (await open()).accept(signedBy(BUNDLE));
    const path = join(stateDirectory, TRUST_FILE);
    const text = readFileSync(path, 'utf8');
    for (const damaged of [text.replace('"call": 2', '"call": 1'), text.slice(0, 100), '']) {
      writeFileSync(path, damaged);
      await expect(open()).rejects.toMatchObject({
        code: 'TRUST_INVALID',
        message: expect.stringContaining(path),
      });
    }
  });

  it('a trust bundle that was once expired stays so, however the clock is put back', async () => {
    const store = await open();
    await store.accept(signedBy(BUNDLE));
    clock.advance(LIFE_MS - 1);
    expect(nowOf(store)).toBe('3');
    clock.advance(1);
    expect(nowOf(store)).toBe('3 over');
    clock.advance(-LIFE_MS);
    expect(nowOf(store)).toBe('3 over');
    const again = await open();
    expect(nowOf(again)).toBe('3 over');
    await again.accept(signedBy(version(4)));
    expect(nowOf(again)).toBe('4');
    expect(nowOf(await open())).toBe('4');
  });

  it('only a few trust bundles wait to be judged', async () => {
    const store = await open();
    const offers = Array.from({ length: 40 }, (_, index) => store.offer(signedBy(version(4 + index))));
    const refused = (await Promise.all(offers)).filter(code => code === 'MESSAGE_INVALID');
    expect(refused).toHaveLength(24);
    expect(store.version).toBe(19);
    expect(logged.filter(({ code }) => code === 'MESSAGE_INVALID').length).toBeLessThan(6);
  });
});

it('an unverified bundle is never stored, whatever its shape', async () => {
  const verified = await reopenBundle(signedBy(BUNDLE));
  const forged = { ...verified, signers: ['rob', 'rose'] } as never;
  expect(() => trustFiles(temporaryDirectory()).keep(forged)).toThrow(
    expect.objectContaining({ code: 'INTERNAL' }),
  );
  const store = openStore(':memory:', storeParts(testClock()));
  expect(await codeOf(store.trustBundles.add(forged, true))).toBe('INTERNAL');
});
