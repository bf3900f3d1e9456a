import { expect, test } from 'vitest';
import { freshEnvelope } from '../../../agent/bus/fresh-envelope.ts';
import { makeHostKey, openIdentity } from '../../../agent/identity/index.ts';
import { resultEnvelopeCodec } from '../../../shared/messages/index.ts';
import { publicKeyOf } from '../../../shared/tokens/index.ts';
import { claimsIn, SITE } from '../../kit/cast.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const DAY_MS = 24 * 3_600_000;

test.each([
  ['a moment', 1000, false],
  ['a day and more', DAY_MS + 1000, true],
  ['two months', 60 * DAY_MS, true],
  ['a clock that ran a year ahead', -365 * DAY_MS, true],
])('after %s', async (_, ageMs, renewed) => {
  const stateDirectory = temporaryDirectory();
  makeHostKey(stateDirectory);
  const identity = openIdentity({ stateDirectory, host: 'web-01', site: SITE, labels: {} });
  const result = Buffer.from('a result');
  const signature = await identity.sign('result', result, NOW_MS - ageMs);
  const stored = resultEnvelopeCodec.encode({ result, signature });
  const fresh = resultEnvelopeCodec.decode(await freshEnvelope(stored, identity, NOW_MS));
  expect(Buffer.from(fresh.result)).toEqual(result);
  expect(fresh.signature !== signature).toBe(renewed);
  const keyring = new Map([
    [identity.key.kid, { owner: 'web-01', key: publicKeyOf(identity.key.publicJwk) }],
  ]);
  await expect(claimsIn('result', fresh.signature, { keyring, nowMs: NOW_MS })).resolves.toBeDefined();
});
