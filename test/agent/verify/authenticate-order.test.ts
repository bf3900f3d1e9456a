import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authenticateOrder, type HostTrust } from '../../../agent/verify/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { orderEnvelopeCodec } from '../../../shared/messages/index.ts';
import { sliceNumber } from '../../../shared/targets/index.ts';
import { KEYS, tokenOf } from '../../kit/cast.ts';
import { type OrderChanges, orderKit } from '../../kit/order-kit.ts';
import { hostTrust } from '../support/host-trust.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const HOUR_MS = 3_600_000;
const kit = orderKit(NOW_MS);
const trust = hostTrust(kit.bundle, NOW_MS);

const wave = (selector?: string) => ({ size: '1', bakeMs: 0, manual: false, ...(selector && { selector }) });

/** A request with waves: first those with canary=yes, then any one host, then hosts with env=test. */
const rollout = {
  waves: [wave('canary=yes'), wave(), { ...wave('env=test'), size: 'rest' }],
  gate: { maxFailedHosts: 0, maxFailedPermille: 0, failing: [], health: true, notApplicableOk: false },
  answerWithinMs: 60_000,
};

describe('the waves of a request', () => {
  const accepts = async (changes: OrderChanges, at: Partial<HostTrust> = {}): Promise<boolean | string> => {
    const { envelope } = await kit.order(changes);
    return authenticateOrder(envelope, { ...trust, ...at }).then(
      ({ wave: number }) => number === (changes.wave ?? 1),
      error => error.code,
    );
  };

  test('the waves of a request are one if the request has no rollout', async () => {
    expect(await accepts({ wave: 1 })).toBe(true);
    expect(await accepts({ wave: 2 })).toBe('TOKEN_CLAIMS');
  });

  test('the waves of a request are those of the signed request, and no more', async () => {
    expect(await accepts({ request: { rollout }, wave: 2 })).toBe(true);
    expect(await accepts({ request: { rollout }, wave: 3 })).toBe(true);
    expect(await accepts({ request: { rollout }, wave: 4 })).toBe('TOKEN_CLAIMS');
  });

  test('the waves of a request are for the hosts that their selector means, whatever the slice says', async () => {
    expect(await accepts({ request: { rollout }, wave: 1 })).toBe('NOT_SELECTED');
    const labels = { env: 'test', canary: 'yes' };
    expect(await accepts({ request: { rollout }, wave: 1 }, { labels })).toBe(true);
    const slice = { from: 0, to: 0 };
    expect(await accepts({ request: { rollout }, wave: 1, slice }, { labels })).toBe('NOT_SELECTED');
  });

  test('the waves of a request never reach beyond the selector of the request', async () => {
    const request = { rollout, selector: 'env=prod' };
    for (const number of [1, 2, 3])
      expect(await accepts({ request, wave: number }, { labels: { env: 'test', canary: 'yes' } })).toBe(
        'NOT_SELECTED',
      );
  });

  test('the waves of a request find a host that an earlier selector meant, even if they come later', async () => {
    const labels = { env: 'test', canary: 'yes' };
    expect(await accepts({ request: { rollout }, wave: 2 }, { labels })).toBe(true);
  });

  test('the waves of a request are ignored if their selector cannot be read', async () => {
    const waves = [wave('canary==')];
    expect(await accepts({ request: { rollout: { ...rollout, waves } } })).toBe('SELECTOR_INVALID');
  });
});

describe('a host that was set up after the request was made', () => {
  const late = { joinedAtMs: NOW_MS + 1 };

  test('a host that was set up after the request was made ignores the orders of that request', async () => {
    const { envelope } = await kit.order();
    await expect(authenticateOrder(envelope, { ...trust, ...late })).rejects.toMatchObject({
      code: 'NOT_SELECTED',
      message: expect.stringContaining('does not take late joiners'),
    });
    await expect(authenticateOrder(envelope, { ...trust, joinedAtMs: NOW_MS })).resolves.toBeDefined();
  });

  test('a host that was set up after the request was made takes its orders if the request allows late joiners', async () => {
    const { envelope } = await kit.order({ request: { lateJoiners: true } });
    await expect(authenticateOrder(envelope, { ...trust, ...late })).resolves.toBeDefined();
    const not = await kit.order({ request: { lateJoiners: false } });
    await expect(authenticateOrder(not.envelope, { ...trust, ...late })).rejects.toMatchObject({
      code: 'NOT_SELECTED',
    });
  });
});

test('an order by a pinned controller for this host is authentic', async () => {
  const { envelope, requestDigest } = await kit.order({ attempt: 3, jti: 'order-number-3' });
  const order = await authenticateOrder(envelope, trust);
  expect(order.key.attempt).toBe(3);
  expect(Buffer.from(order.key.requestDigest)).toEqual(Buffer.from(requestDigest));
  expect(order.orderId).toBe('order-number-3');
});

describe('the agent ignores an order', () => {
  const rows: [what: string, changes: OrderChanges, code: string][] = [
    ['by a key that is not pinned', { orderBy: 'mallory' }, 'TOKEN_KEY_UNKNOWN'],
    ['by an approver instead of a controller', { orderBy: 'bob' }, 'TOKEN_KEY_UNKNOWN'],
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
  test.each(rows)('it ignores one %s', async (_, changes, code) => {
    const { envelope } = await kit.order(changes);
    await expect(authenticateOrder(envelope, trust)).rejects.toMatchObject({ code });
  });

  test('an order of a protocol that this agent does not speak is ignored', async () => {
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

  test('it ignores an approval instead of an order', async () => {
    const { envelope, requestBytes } = await kit.order();
    const order = await kit.approval('bob', requestBytes);
    const bytes = orderEnvelopeCodec.encode({ ...orderEnvelopeCodec.decode(envelope), order });
    await expect(authenticateOrder(bytes, trust)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' });
  });

  test('an order with a changed byte in its signature is ignored', async () => {
    const { envelope } = await kit.order();
    const { order, ...rest } = orderEnvelopeCodec.decode(envelope);
    const changed = order.replace(/.(?=.{20}$)/, character => (character === 'A' ? 'B' : 'A'));
    const bytes = orderEnvelopeCodec.encode({ ...rest, order: changed });
    await expect(authenticateOrder(bytes, trust)).rejects.toMatchObject({ code: 'TOKEN_SIGNATURE' });
  });

  test("it ignores a result token by the controller's key", async () => {
    const { envelope } = await kit.order();
    const seconds = NOW_MS / 1000;
    const claims = {
      iss: 'ctl-1',
      iat: seconds,
      exp: seconds + 60,
      what: 'result',
      sha256: 'A'.repeat(43),
    } as const;
    const order = await tokenOf('result', claims, KEYS['ctl-1']);
    const bytes = orderEnvelopeCodec.encode({ ...orderEnvelopeCodec.decode(envelope), order });
    await expect(authenticateOrder(bytes, trust)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' });
  });

  test('it ignores one that is larger than any envelope', async () => {
    const bytes = new Uint8Array((1 << 20) + 1);
    await expect(authenticateOrder(bytes, trust)).rejects.toMatchObject({ code: 'MESSAGE_LIMIT' });
  });
});

test('a slice selects hosts by their number', async () => {
  const { request, requestDigest } = await kit.order();
  const number = sliceNumber(requestDigest, 'web-01');
  const mine = await kit.order({ request, slice: { from: number, to: number + 1 } });
  const next = await kit.order({ request, slice: { from: number + 1, to: 2 ** 32 } });
  await expect(authenticateOrder(mine.envelope, trust)).resolves.toBeDefined();
  await expect(authenticateOrder(next.envelope, trust)).rejects.toMatchObject({ code: 'NOT_SELECTED' });
});

test('a label named host cannot give a host another name', async () => {
  const { envelope } = await kit.order({ request: { selector: 'host=web-02' } });
  const lying = { ...trust, labels: { env: 'test', host: 'web-02' } };
  await expect(authenticateOrder(envelope, lying)).rejects.toMatchObject({ code: 'NOT_SELECTED' });
});

test('any bytes of an envelope give an order or a FarcallError', async () => {
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
