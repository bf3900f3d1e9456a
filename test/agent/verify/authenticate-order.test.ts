import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authenticateOrder, type HostTrust } from '../../../agent/verify/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { orderEnvelopeCodec } from '../../../shared/messages/index.ts';
import { sliceNumber } from '../../../shared/targets/index.ts';
import { signToken } from '../../../shared/tokens/index.ts';
import { type OrderChanges, orderKit } from '../support/order-kit.ts';
import { selectableFacts } from '../support/stand-in-stages.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const HOUR_MS = 3_600_000;
const kit = orderKit(NOW_MS);
const trust: HostTrust = {
  bundle: kit.bundle,
  host: 'web-01',
  labels: { env: 'test' },
  facts: selectableFacts,
  nowMs: NOW_MS,
};

test('an order by a pinned controller for this host is authentic', async () => {
  const { envelope, requestDigest } = await kit.order({ attempt: 3, jti: 'order-number-3' });
  const order = await authenticateOrder(envelope, trust);
  expect(order.key.attempt).toBe(3);
  expect(Buffer.from(order.key.requestDigest)).toEqual(Buffer.from(requestDigest));
  expect(order.orderId).toBe('order-number-3');
});

describe('an order is ignored', () => {
  const rows: [what: string, changes: OrderChanges, code: string][] = [
    ['by a key that is not pinned', { orderBy: 'mallory' }, 'TOKEN_KEY_UNKNOWN'],
    ['by an approver instead of a controller', { orderBy: 'ada' }, 'TOKEN_KEY_UNKNOWN'],
    ['in the name of somebody else', { iss: 'other' }, 'TOKEN_CLAIMS'],
    ['that has expired', { iatMs: NOW_MS - 2 * HOUR_MS }, 'TOKEN_EXPIRED'],
    ['that is not yet valid', { nbfMs: NOW_MS + HOUR_MS / 2 }, 'TOKEN_EXPIRED'],
    ['from the future', { iatMs: NOW_MS + HOUR_MS }, 'TOKEN_EXPIRED'],
    ['with the digest of other bytes', { req: 'A'.repeat(43) }, 'TOKEN_CLAIMS'],
    ['for other labels', { request: { selector: 'env=prod' } }, 'NOT_SELECTED'],
    ['for another host', { request: { selector: 'host=web-02' } }, 'NOT_SELECTED'],
    ['for another slice', { slice: { from: 0, to: 0 } }, 'NOT_SELECTED'],
    ['whose selector cannot be read', { request: { selector: 'env==' } }, 'SELECTOR_INVALID'],
  ];
  test.each(rows)('%s', async (_, changes, code) => {
    const { envelope } = await kit.order(changes);
    await expect(authenticateOrder(envelope, trust)).rejects.toMatchObject({ code });
  });

  test('of a protocol that this agent does not speak', async () => {
    const requestBytes = Buffer.from((await kit.order()).requestBytes);
    expect([...requestBytes.subarray(0, 2)]).toEqual([0x08, 1]); // field 1, a varint
    requestBytes[1] = 2;
    const { envelope } = await kit.order({ requestBytes });
    const message = expect.stringContaining('speaks protocol 1');
    await expect(authenticateOrder(envelope, trust)).rejects.toMatchObject({
      code: 'MESSAGE_INVALID',
      message,
    });
  });

  test('that is an approval in the place of an order', async () => {
    const { envelope, requestBytes } = await kit.order();
    const order = await kit.approval('ada', requestBytes);
    const bytes = orderEnvelopeCodec.encode({ ...orderEnvelopeCodec.decode(envelope), order });
    await expect(authenticateOrder(bytes, trust)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' });
  });

  test('of which a byte of the signature is changed', async () => {
    const { envelope } = await kit.order();
    const { order, ...rest } = orderEnvelopeCodec.decode(envelope);
    const changed = order.replace(/.(?=.{20}$)/, character => (character === 'A' ? 'B' : 'A'));
    const bytes = orderEnvelopeCodec.encode({ ...rest, order: changed });
    await expect(authenticateOrder(bytes, trust)).rejects.toMatchObject({ code: 'TOKEN_SIGNATURE' });
  });

  test('that is a result token by the controller key', async () => {
    const { envelope } = await kit.order();
    const seconds = NOW_MS / 1000;
    const claims = {
      iss: 'control',
      iat: seconds,
      exp: seconds + 60,
      what: 'result',
      sha256: 'A'.repeat(43),
    } as const;
    const order = await signToken('result', claims, kit.keys.control);
    const bytes = orderEnvelopeCodec.encode({ ...orderEnvelopeCodec.decode(envelope), order });
    await expect(authenticateOrder(bytes, trust)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' });
  });

  test('that is larger than any envelope', async () => {
    const bytes = new Uint8Array((1 << 20) + 1);
    await expect(authenticateOrder(bytes, trust)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' });
  });
});

test('the slice says which hosts are meant, by their number', async () => {
  const { request, requestDigest } = await kit.order();
  const number = sliceNumber(requestDigest, 'web-01');
  const mine = await kit.order({ request, slice: { from: number, to: number + 1 } });
  const next = await kit.order({ request, slice: { from: number + 1, to: 2 ** 32 } });
  await expect(authenticateOrder(mine.envelope, trust)).resolves.toBeDefined();
  await expect(authenticateOrder(next.envelope, trust)).rejects.toMatchObject({ code: 'NOT_SELECTED' });
});

test('a label host cannot give a host another name', async () => {
  const { envelope } = await kit.order({ request: { selector: 'host=web-02' } });
  const lying = { ...trust, labels: { env: 'test', host: 'web-02' } };
  await expect(authenticateOrder(envelope, lying)).rejects.toMatchObject({ code: 'NOT_SELECTED' });
});

test('any bytes give an order or a FarcallError', async () => {
  const { envelope } = await kit.order();
  const damaged = fc
    .tuple(fc.nat(envelope.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(envelope.length))
    .map(([at, flip, end]) => {
      const bytes = Uint8Array.from(envelope);
      bytes[at] = bytes[at]! ^ flip;
      return bytes.subarray(0, end);
    });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 512 }), damaged), async bytes => {
      const thrown = await authenticateOrder(bytes, trust).then(
        () => undefined,
        error => error,
      );
      // Approvals are counted later: damage in them alone leaves the order authentic.
      if (thrown !== undefined) expect(thrown).toBeInstanceOf(FarcallError);
    }),
    { numRuns: 500 },
  );
});
