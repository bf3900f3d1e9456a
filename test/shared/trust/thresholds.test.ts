import { expect, test } from 'vitest';
import { parseTrustBundle, thresholdFor } from '../../../shared/trust/index.ts';

function bundleWith(standard: object) {
  const rest = { version: 1, expiresAtMs: 1, controllers: [], requesters: [], approvers: [] };
  return parseTrustBundle(JSON.stringify({ ...rest, thresholds: { standard } }));
}

test('reading may go without approval, and nothing else', () => {
  const bundle = bundleWith({ read: 0, call: 1, write: 2 });
  const of = (effect: 'read' | 'call' | 'write') => thresholdFor({ policy: 'standard', effect }, bundle);
  expect([of('read'), of('call'), of('write')]).toEqual([0, 1, 2]);
});

test.each([
  [{ read: 0, call: 0, write: 1 }, /standard\.call: a threshold below 1/],
  [{ read: 0, call: 1, write: 0 }, /standard\.write: a threshold below 1/],
  [{ read: -1, call: 1, write: 1 }, /standard\.read: a threshold is a number of persons/],
  [{ read: 0.5, call: 1, write: 1 }, /standard\.read/],
])('%j is refused', (thresholds, message) => {
  expect(() => bundleWith(thresholds)).toThrow(
    expect.objectContaining({ code: 'TRUST_INVALID', message: expect.stringMatching(message) }),
  );
});
