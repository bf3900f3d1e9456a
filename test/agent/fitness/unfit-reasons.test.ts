import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type UnfitSources, unfitReasons } from '../../../agent/fitness/index.ts';
import { hostFactsCodec } from '../../../shared/messages/index.ts';
import { HOSTS } from '../../kit/cast.ts';
import { factsOf } from '../../kit/host-statements.ts';
import { canMountDisk, mountDisk } from '../../kit/small-disk.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'farcall-fit-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Facts = UnfitSources['facts'];
const FACTS: Facts = {
  modulesDisabled: false,
  sigEnforce: false,
  lockdown: 'none',
  signing: { kcoreReadable: true, buildId: '', keyrings: {}, keys: [] },
};
const CALLS: UnfitSources['policy'] = { effects: ['read', 'call'], moduleSigning: undefined };
const reasonsOf = (facts: Partial<Facts>, policy: Partial<UnfitSources['policy']> = {}) =>
  unfitReasons({ facts: { ...FACTS, ...facts }, policy: { ...CALLS, ...policy }, stateDirectory: folder });

test('a host that can run calls has no reason against it, and its hello is the same as before', () => {
  expect(reasonsOf({})).toEqual([]);
  // A controller signs modules where the kernel wants signatures and the policy does not say who signs.
  expect(reasonsOf({ sigEnforce: true })).toEqual([]);
});

test.each<[string, Partial<Facts>, Partial<UnfitSources['policy']>, RegExp]>([
  ['takes no modules any more', { modulesDisabled: true }, {}, /^kernel.modules_disabled is set/],
  [
    'wants signatures that nobody makes',
    { sigEnforce: true },
    { moduleSigning: 'none' },
    /only signed modules/,
  ],
  ['is locked down, without signatures', { lockdown: 'integrity' }, { moduleSigning: 'none' }, /locked down/],
  [
    'does not show its memory',
    { signing: { kcoreReadable: false, buildId: '', keyrings: {}, keys: [] } },
    {},
    /cannot read \/proc\/kcore/,
  ],
])('a host whose kernel %s says so', (_what, facts, policy, reason) => {
  expect(reasonsOf(facts, policy)).toEqual([expect.stringMatching(reason)]);
});

test('a host whose policy allows reads alone needs no modules', () => {
  expect(reasonsOf({ modulesDisabled: true }, { effects: ['read'] })).toEqual([]);
});

test.runIf(canMountDisk())('a host without room for its journal says so', () => {
  const disk = mountDisk(4);
  try {
    expect(unfitReasons({ facts: FACTS, policy: CALLS, stateDirectory: disk.folder })).toEqual([
      expect.stringMatching(/less than 16 MiB left/),
    ]);
  } finally {
    disk.remove();
  }
});

test('what a host says against itself fits its hello', () => {
  const [host] = Object.values(HOSTS);
  const unfit = [
    ...reasonsOf({ modulesDisabled: true, signing: { ...FACTS.signing!, kcoreReadable: false } }),
  ];
  const facts = { ...factsOf(host!), unfit };
  expect(unfit).toHaveLength(2);
  expect(hostFactsCodec.decode(hostFactsCodec.encode(facts)).unfit).toEqual(unfit);
});
