import { describe, expect, test } from 'vitest';
import { authenticateOrder, type HostTrust, verifyOrder } from '../../../agent/verify/index.ts';
import { checkTrustBundle } from '../../../shared/trust/index.ts';
import { type MadeOrder, orderKit, type Person } from '../support/order-kit.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const kit = orderKit(NOW_MS);
const trust: HostTrust = { bundle: kit.bundle, host: 'web-01', labels: { env: 'test' }, nowMs: NOW_MS };

async function verify({ envelope }: MadeOrder, at: Partial<HostTrust> = {}) {
  const here = { ...trust, ...at };
  return verifyOrder(await authenticateOrder(envelope, here), here);
}

test('two approvals are enough for a call', async () => {
  expect((await verify(await kit.order())).approvers).toEqual(['ada', 'bob']);
});

describe('too few approvals count', () => {
  const rows: [what: string, approvers: Person[], counts: number][] = [
    ['none', [], 0],
    ['one instead of two', ['ada'], 1],
    ['one person twice', ['ada', 'ada'], 1],
    ['one person with two keys', ['ada', 'ada2'], 1],
    ['the requester, though an approver elsewhere', ['ada', 'rita'], 1],
    ['somebody who is not pinned', ['ada', 'mallory'], 1],
    ['the controller itself', ['ada', 'control'], 1],
  ];
  test.each(rows)('%s', async (_, approvers, counts) => {
    const order = await kit.order({ approvers });
    const message = expect.stringContaining(`${counts} of 2 approvals count`);
    await expect(verify(order)).rejects.toMatchObject({ code: 'APPROVALS_INSUFFICIENT', message });
  });

  test('approvals of another request', async () => {
    const other = await kit.order();
    const approvals = await Promise.all([
      kit.approval('ada', other.requestBytes),
      kit.approval('bob', other.requestBytes),
    ]);
    const order = await kit.order({ approvals });
    await expect(verify(order)).rejects.toMatchObject({ code: 'APPROVALS_INSUFFICIENT' });
  });

  test('a rejection is no approval', async () => {
    const { request, requestBytes } = await kit.order();
    const approvals = [
      await kit.approval('ada', requestBytes),
      await kit.approval('bob', requestBytes, 'reject'),
    ];
    const order = await kit.order({ request, approvals });
    const message = expect.stringContaining('bob: is a rejection');
    await expect(verify(order)).rejects.toMatchObject({ code: 'APPROVALS_INSUFFICIENT', message });
  });

  test('text that is no token spoils nothing', async () => {
    const { request, requestBytes } = await kit.order();
    const good = [await kit.approval('ada', requestBytes), await kit.approval('bob', requestBytes)];
    await expect(
      verify(await kit.order({ request, approvals: ['rubbish', ...good] })),
    ).resolves.toBeDefined();
    const one = await kit.order({ request, approvals: ['rubbish', good[0]!] });
    await expect(verify(one)).rejects.toMatchObject({ code: 'APPROVALS_INSUFFICIENT' });
  });
});

test('a bundle past its life is refused, whatever it says', async () => {
  const order = await kit.order({
    lifeMs: 48 * 3_600_000,
    request: { expiresAtMs: NOW_MS + 72 * 3_600_000 },
  });
  const nowMs = kit.bundle.expiresAtMs;
  await expect(verify(order, { nowMs })).rejects.toMatchObject({ code: 'TRUST_EXPIRED' });
});

test('a bundle whose end was seen is refused, wherever the clock stands now', async () => {
  await expect(verify(await kit.order(), { bundleIsOver: true })).rejects.toMatchObject({
    code: 'TRUST_EXPIRED',
  });
});

test('a clock that stands a day before the bundle was made judges nothing', async () => {
  const order = await kit.order();
  const authentic = await authenticateOrder(order.envelope, trust);
  const nowMs = kit.bundle.issuedAtMs - 25 * 3_600_000;
  await expect(verifyOrder(authentic, { ...trust, nowMs })).rejects.toMatchObject({ code: 'CLOCK_WRONG' });
});

test('a request past its life is refused, also under a fresh order', async () => {
  const order = await kit.order({ request: { expiresAtMs: NOW_MS } });
  await expect(verify(order)).rejects.toMatchObject({ code: 'REQUEST_EXPIRED' });
});

test('an approval policy without thresholds in the bundle is refused', async () => {
  const order = await kit.order({ request: { policy: 'emergency' } });
  await expect(verify(order)).rejects.toMatchObject({ code: 'TRUST_INVALID' });
});

test('only this host’s own bundle counts', async () => {
  const order = await kit.order();
  const stricter = {
    ...kit.bundle,
    thresholds: { standard: { read: 1, call: 3, write: 3 } },
  };
  const bundle = checkTrustBundle(stricter);
  await expect(verify(order, { bundle })).rejects.toMatchObject({ code: 'APPROVALS_INSUFFICIENT' });
});

test('what did not come from authenticateOrder is not looked at', async () => {
  const forged = { ...(await authenticateOrder((await kit.order()).envelope, trust)) };
  await expect(verifyOrder(forged as never, trust)).rejects.toMatchObject({ code: 'INTERNAL' });
});
