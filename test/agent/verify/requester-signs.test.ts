import { describe, expect, test } from 'vitest';
import { authenticateOrder, verifyOrder } from '../../../agent/verify/index.ts';
import { checkTrustBundle, type TrustBundle } from '../../../shared/trust/index.ts';
import { entryOf, OTHER_SITE } from '../../kit/cast.ts';
import { requestTokenOf } from '../../kit/decisions.ts';
import { type MadeOrder, type OrderChanges, orderKit } from '../../kit/order-kit.ts';
import { hostTrust } from '../support/host-trust.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const kit = orderKit(NOW_MS);
const trust = hostTrust(kit.bundle, NOW_MS);

async function verify({ envelope }: MadeOrder, bundle: TrustBundle = kit.bundle) {
  const here = { ...trust, bundle };
  return verifyOrder(await authenticateOrder(envelope, here), here);
}

/** An order of bytes that `changes` describe, with the token that `tokenFor` makes for them. */
async function orderWith(
  tokenFor: (requestBytes: Uint8Array) => Promise<string>,
  changes: OrderChanges = {},
): Promise<MadeOrder> {
  const { request, requestBytes } = await kit.order(changes);
  return kit.order({ ...changes, request, requestToken: await tokenFor(requestBytes) });
}

const byAlice = (requestBytes: Uint8Array) => requestTokenOf('alice', requestBytes, { nowMs: NOW_MS });
const others = { request: { requester: 'bob' }, approvers: ['alice', 'carol'] } as const;

describe('a host refuses a request that its requester did not sign', () => {
  test('a request of alice in the name of bob does not let the approval of alice count', async () => {
    const requesters = [...kit.bundle.requesters, entryOf('bob')];
    const bundle = checkTrustBundle({ ...kit.bundle, requesters });
    const order = await orderWith(byAlice, others);
    const message = expect.stringContaining('names bob, and alice signed it');
    await expect(verify(order, bundle)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS', message });
  });

  test('a request in the name of nobody is refused, no matter who signed it', async () => {
    const request = { requester: 'nobody' };
    const order = await orderWith(byAlice, { request });
    await expect(verify(order)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' });
    const byNobody = await orderWith(
      bytes => requestTokenOf('mallory', bytes, { nowMs: NOW_MS, iss: 'nobody' }),
      { request },
    );
    await expect(verify(byNobody)).rejects.toMatchObject({ code: 'TOKEN_KEY_UNKNOWN' });
  });

  test('a request of somebody who may approve and not request is refused', async () => {
    const order = await orderWith(bytes => requestTokenOf('bob', bytes, { nowMs: NOW_MS }), {
      request: { requester: 'bob' },
      approvers: ['alice', 'carol'],
    });
    await expect(verify(order)).rejects.toMatchObject({ code: 'TOKEN_KEY_UNKNOWN' });
  });

  test('a request of somebody whom the newest trust bundle has removed is refused', async () => {
    const order = await orderWith(byAlice);
    await expect(verify(order)).resolves.toBeDefined();
    const bundle = checkTrustBundle({ ...kit.bundle, requesters: [entryOf('mallory')] });
    await expect(verify(order, bundle)).rejects.toMatchObject({ code: 'TOKEN_KEY_UNKNOWN' });
  });

  test('a signature over other bytes is no signature over these', async () => {
    const { requestBytes } = await kit.order({ request: { program: 'another_one()' } });
    const order = await orderWith(() => byAlice(requestBytes));
    const message = expect.stringContaining('alice signed another request');
    await expect(verify(order)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS', message });
  });

  test('a signature for another site does not count at this one', async () => {
    const order = await orderWith(bytes =>
      requestTokenOf('alice', bytes, { nowMs: NOW_MS, site: OTHER_SITE }),
    );
    await expect(verify(order)).rejects.toMatchObject({ code: 'SITE_OTHER' });
  });

  test('a signature that ends before the request does not count', async () => {
    const exp = NOW_MS / 1000 + 60;
    const order = await orderWith(bytes => requestTokenOf('alice', bytes, { nowMs: NOW_MS, exp }));
    await expect(verify(order)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' });
  });

  test('an approval of the requester is no signature of the request', async () => {
    const order = await orderWith(bytes => kit.approval('alice', bytes));
    await expect(verify(order)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' });
  });
});
