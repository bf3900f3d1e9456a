import fc from 'fast-check';
import { expect, it } from 'vitest';
import { factsOf, renderChanges } from '../../../../../controller/cli/commands/trust/bundle-text.ts';
import type { TrustBundle } from '../../../../../shared/trust/index.ts';
import { BUNDLE, KEYS } from '../../../../kit/cast.ts';

const key = KEYS.eve.publicJwk;
const add = { name: 'eve', keys: [key] };

/** Each changes something that a signer must see. */
const CHANGES: Readonly<Record<string, (bundle: TrustBundle) => TrustBundle>> = {
  root: bundle => ({ ...bundle, roots: { ...bundle.roots, members: [...bundle.roots.members, add] } }),
  rootThreshold: bundle => ({ ...bundle, roots: { ...bundle.roots, threshold: 1 } }),
  controller: bundle => ({ ...bundle, controllers: [...bundle.controllers, add] }),
  requester: bundle => ({ ...bundle, requesters: [] }),
  approver: bundle => ({ ...bundle, approvers: [...bundle.approvers, add] }),
  secondKey: bundle => ({
    ...bundle,
    approvers: bundle.approvers.map(member => ({ ...member, keys: [...member.keys, key] })),
  }),
  dates: bundle => ({
    ...bundle,
    controllers: bundle.controllers.map(member => ({
      ...member,
      keys: member.keys.map(each => ({ ...each, notAfterMs: 9_000_000_000_000 })),
    })),
  }),
  threshold: bundle => ({ ...bundle, thresholds: { standard: { read: 1, call: 1, write: 2 } } }),
  policy: bundle => ({
    ...bundle,
    thresholds: { ...bundle.thresholds, emergency: { read: 1, call: 1, write: 1 } },
  }),
  expiry: bundle => ({ ...bundle, expiresAtMs: bundle.expiresAtMs + 1000 }),
};

it('every change of a bundle is shown to the root who signs it', () => {
  const some = fc.subarray(Object.values(CHANGES), { minLength: 1 });
  fc.assert(
    fc.property(some, changes => {
      const changed = changes.reduce((bundle, change) => change(bundle), BUNDLE);
      expect(renderChanges(changed, BUNDLE).length).toBeGreaterThan(changes.length > 1 ? 2 : 1);
      expect([...factsOf(changed)]).not.toEqual([...factsOf(BUNDLE)]);
    }),
  );
  expect(renderChanges(BUNDLE, BUNDLE)).toHaveLength(1);
  expect(renderChanges(BUNDLE, undefined).length).toBe(factsOf(BUNDLE).size + 1);
});
