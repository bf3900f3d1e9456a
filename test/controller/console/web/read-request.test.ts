import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRequest, toHex } from '../../../../controller/console/web/signed/read-request.ts';
import { callRequestCodec, PROTOCOL_VERSION } from '../../../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../../../shared/outcome/index.ts';
import { SITE } from '../../../kit/cast.ts';

const text = fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' });
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
const wave = fc.record(
  {
    size: fc.constantFrom('5', '10%', 'rest'),
    selector: text,
    bakeMs: fc.integer({ min: 0, max: 600_000_000 }),
    manual: fc.boolean(),
  },
  { requiredKeys: ['size', 'bakeMs', 'manual'] },
);
const rollout = fc.record({
  waves: fc.array(wave, { minLength: 1, maxLength: 4 }),
  gate: fc.record({
    maxFailedHosts: fc.integer({ min: 0, max: 0xffff_ffff }),
    maxFailedPermille: fc.integer({ min: 0, max: 1000 }),
    failing: fc.uniqueArray(fc.constantFrom(...OUTCOME_NAMES)),
    health: fc.boolean(),
    notApplicableOk: fc.boolean(),
  }),
  answerWithinMs: fc.integer({ min: 1000, max: 600_000_000 }),
});
const request = fc.record(
  {
    protocol: fc.constant(PROTOCOL_VERSION),
    id: fc.constant('k7q2m9x4qw8r'),
    site: fc.constant(SITE),
    requester: fc.constant('alice'),
    ...{ program: text, selector: text, reason: text },
    policy: fc.constantFrom('standard' as const, 'emergency' as const),
    effect: fc.constantFrom('read' as const, 'call' as const, 'write' as const),
    createdAtMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    expiresAtMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    timeoutMs: fc.integer({ min: 1, max: 3_600_000 }),
    fuel: fc.integer({ min: 1, max: 1_000_000_000 }),
    rollout,
    lateJoiners: fc.boolean(),
    indirectCalls: fc.boolean(),
    planDigest: digest,
    expectedHosts: fc.integer({ min: 1, max: 100_000 }),
    expectedHostsDigest: digest,
  },
  {
    requiredKeys: [
      ...(['protocol', 'id', 'requester', 'program', 'selector', 'reason', 'policy', 'effect'] as const),
      ...(['createdAtMs', 'expiresAtMs', 'timeoutMs', 'site'] as const),
    ],
  },
);

test('the page reads from a request’s bytes exactly what the controller wrote', () => {
  fc.assert(
    fc.property(request, said => {
      const { protocol: _protocol, planDigest, expectedHostsDigest, ...rest } = said;
      expect(readRequest(callRequestCodec.encode(said))).toEqual({
        ...rest,
        ...(planDigest && { planDigest: toHex(planDigest) }),
        ...(expectedHostsDigest && { expectedHostsDigest: toHex(expectedHostsDigest) }),
      });
    }),
  );
});

test('any bytes are either a request or an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
      try {
        readRequest(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a field that the page cannot show is an error, and so is a field that occurs twice', () => {
  const bytes = callRequestCodec.encode(fc.sample(request, { numRuns: 1, seed: 1 })[0]!);
  const unknown = new Uint8Array([...bytes, ((31 << 3) & 0x7f) | 0x80, 1, 5]);
  expect(() => readRequest(unknown)).toThrow('the request has a field 31 that this page cannot show');
  const twice = new Uint8Array([...bytes, (4 << 3) | 2, 1, 0x41]);
  expect(() => readRequest(twice)).toThrow('the request has field 4 twice');
});
