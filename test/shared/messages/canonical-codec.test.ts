import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRequest, toHex } from '../../../controller/console/web/signed/read-request.ts';
import { type CallRequest, callRequestCodec, PROTOCOL_VERSION } from '../../../shared/messages/index.ts';
import { SITE } from '../../kit/cast.ts';

const REQUEST: CallRequest = {
  protocol: PROTOCOL_VERSION,
  site: SITE,
  id: 'k7q2m9x4qw8r',
  requester: 'alice',
  program: '_printk("x")',
  selector: 'env=demo',
  reason: 'why',
  policy: 'standard',
  effect: 'call',
  createdAtMs: 1_790_000_000_000,
  expiresAtMs: 1_790_000_600_000,
  timeoutMs: 30_000,
  lateJoiners: true,
  expectedHosts: 3,
};
const BYTES = Buffer.from(callRequestCodec.encode(REQUEST));

/** The bytes with `from` replaced by `to`, once. */
function replaced(from: readonly number[], to: readonly number[]): Buffer {
  const at = BYTES.indexOf(Buffer.from(from));
  expect(at).toBeGreaterThan(0);
  return Buffer.concat([BYTES.subarray(0, at), Buffer.from(to), BYTES.subarray(at + from.length)]);
}

const LATE_JOINERS = [0x68, 0x01];
const EXPECTED_HOSTS = [0x78, 0x03];

test.each<[string, () => Buffer]>([
  ['a bool that is 2', () => replaced(LATE_JOINERS, [0x68, 0x02])],
  ['a number that takes more bytes than it needs', () => replaced(EXPECTED_HOSTS, [0x78, 0x83, 0x00])],
  ['a number over 32 bits', () => replaced(EXPECTED_HOSTS, [0x78, 0x83, 0x80, 0x80, 0x80, 0x10])],
  ['a field that nobody knows', () => Buffer.concat([BYTES, Buffer.from([0xf8, 0x06, 0x01])])],
  ['a field that comes twice', () => Buffer.concat([BYTES, Buffer.from(EXPECTED_HOSTS)])],
  ['fields in another order', () => Buffer.concat([BYTES.subarray(2), BYTES.subarray(0, 2)])],
  ['text that is not UTF-8', () => replaced([...Buffer.from('why')], [0x77, 0xff, 0x79])],
])('a request whose bytes have %s is refused', (_what, bytes) => {
  expect(() => callRequestCodec.decode(bytes())).toThrow(
    expect.objectContaining({ code: 'MESSAGE_INVALID' }),
  );
});

test('a request that begins with a byte order mark reads the same on the page as on a host', () => {
  const program = '\ufeff_printk("x")';
  expect(readRequest(callRequestCodec.encode({ ...REQUEST, program })).program).toBe(program);
});

test('whatever bytes a host reads as a request, the page reads as the same request', () => {
  const shown = ({ protocol: _protocol, planDigest, expectedHostsDigest, ...rest }: CallRequest) => ({
    ...rest,
    ...(planDigest && { planDigest: toHex(planDigest) }),
    ...(expectedHostsDigest && { expectedHostsDigest: toHex(expectedHostsDigest) }),
  });
  let readable = 0;
  fc.assert(
    fc.property(fc.nat(BYTES.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const bytes = Buffer.from(BYTES);
      bytes[at]! ^= mask;
      let read: CallRequest;
      try {
        read = callRequestCodec.decode(bytes);
      } catch {
        return;
      }
      readable += 1;
      expect(readRequest(bytes)).toEqual(shown(read));
    }),
    { numRuns: 3000 },
  );
  expect(readable).toBeGreaterThan(100);
});
