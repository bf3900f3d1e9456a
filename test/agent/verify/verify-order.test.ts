import { describe, expect, test } from 'vitest';
import {
  authenticateOrder,
  type HostTrust,
  STATEMENT_LIMIT_MS,
  verifyOrder,
  WITHHELD_GRACE_MS,
} from '../../../agent/verify/index.ts';
import type { FarcallError } from '../../../shared/errors/index.ts';
import { digestText, sha256, tokenDigest } from '../../../shared/tokens/index.ts';
import { checkTrustBundle } from '../../../shared/trust/index.ts';
import { KEYS, type Member, tokenOf } from '../../kit/cast.ts';
import { type MadeOrder, type OrderChanges, orderKit } from '../../kit/order-kit.ts';
import { hostTrust } from '../support/host-trust.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const kit = orderKit(NOW_MS);
const trust = hostTrust(kit.bundle, NOW_MS);

async function verify({ envelope }: MadeOrder, at: Partial<HostTrust> = {}) {
  const here = { ...trust, ...at };
  return verifyOrder(await authenticateOrder(envelope, here), here);
}

test('two approvals are enough for a call', async () => {
  expect((await verify(await kit.order())).approvers).toEqual(['bob', 'carol']);
});

describe('an order without enough approvals', () => {
  const rows: [what: string, approvers: Member[], counts: number][] = [
    ['none', [], 0],
    ['one instead of two', ['bob'], 1],
    ['one person twice', ['bob', 'bob'], 1],
    ['one person with two keys', ['bob', 'bob2'], 1],
    ['the requester, though an approver elsewhere', ['bob', 'alice'], 1],
    ['somebody who is not pinned', ['bob', 'mallory'], 1],
    ['the controller itself', ['bob', 'ctl-1'], 1],
  ];
  test.each(rows)(
    'an order without enough approvals is refused if they are from %s',
    async (_, approvers, counts) => {
      const order = await kit.order({ approvers });
      const message = expect.stringContaining(`${counts} of 2 approvals count`);
      await expect(verify(order)).rejects.toMatchObject({ code: 'APPROVALS_INSUFFICIENT', message });
    },
  );

  test('an order without enough approvals is refused if they are those of another request', async () => {
    const other = await kit.order();
    const approvals = await Promise.all([
      kit.approval('bob', other.requestBytes),
      kit.approval('carol', other.requestBytes),
    ]);
    const order = await kit.order({ approvals });
    await expect(verify(order)).rejects.toMatchObject({ code: 'APPROVALS_INSUFFICIENT' });
  });

  test('an order without enough approvals is refused if a rejection would have to count as an approval', async () => {
    const { request, requestBytes } = await kit.order();
    const approvals = [
      await kit.approval('bob', requestBytes),
      await kit.approval('carol', requestBytes, 'reject'),
    ];
    const order = await kit.order({ request, approvals });
    await expect(verify(order)).rejects.toMatchObject({ code: 'REQUEST_REJECTED' });
  });

  test('an order without enough approvals is not harmed by text that is no token beside its approvals', async () => {
    const { request, requestBytes } = await kit.order();
    const good = [await kit.approval('bob', requestBytes), await kit.approval('carol', requestBytes)];
    await expect(
      verify(await kit.order({ request, approvals: ['rubbish', ...good] })),
    ).resolves.toBeDefined();
    const one = await kit.order({ request, approvals: ['rubbish', good[0]!] });
    await expect(verify(one)).rejects.toMatchObject({ code: 'APPROVALS_INSUFFICIENT' });
  });
});

describe('rejections and withdrawals that travel with an order', () => {
  async function decided() {
    const { request, requestBytes } = await kit.order();
    const bob = await kit.approval('bob', requestBytes);
    const carol = await kit.approval('carol', requestBytes);
    const alice = await kit.approval('alice', requestBytes, 'reject');
    const verdict = async (approvals: string[], withdrawals: string[] = []) => {
      try {
        return (await verify(await kit.order({ request, approvals, withdrawals }))).approvers;
      } catch (error) {
        return (error as FarcallError).code;
      }
    };
    return { requestBytes, bob, carol, alice, verdict };
  }

  test('a rejection blocks, however many approve, until its signer takes it back', async () => {
    const { requestBytes, bob, carol, alice, verdict } = await decided();
    expect(await verdict([bob, carol, alice])).toBe('REQUEST_REJECTED');
    expect(await verdict([alice, bob, carol])).toBe('REQUEST_REJECTED');
    const byBob = await kit.withdrawal('bob', requestBytes, alice);
    expect(await verdict([bob, carol, alice], [byBob])).toBe('REQUEST_REJECTED');
    const byAlice = await kit.withdrawal('alice', requestBytes, alice);
    expect(await verdict([bob, carol, alice], [byBob, byAlice])).toEqual(['bob', 'carol']);
  });

  test('a rejection blocks after its own end, and its withdrawal does too', async () => {
    const { requestBytes, bob, carol, verdict } = await decided();
    const iat = Math.floor(NOW_MS / 1000) - 3600;
    const about = { iss: 'alice', iat, exp: iat + 60, req: digestText(sha256(requestBytes)) };
    const ended = await tokenOf('approval', { ...about, decision: 'reject' }, KEYS.alice);
    expect(await verdict([bob, carol, ended])).toBe('REQUEST_REJECTED');
    const withdrawal = await tokenOf('withdrawal', { ...about, token: tokenDigest(ended) }, KEYS.alice);
    expect(await verdict([bob, carol, ended], [withdrawal])).toEqual(['bob', 'carol']);
    const approval = await tokenOf('approval', { ...about, decision: 'approve' }, KEYS.alice);
    expect(await verdict([bob, approval])).toBe('APPROVALS_INSUFFICIENT');
  });

  test('a rejection by somebody who is no approver, or of other bytes, blocks nothing', async () => {
    const { requestBytes, bob, carol, verdict } = await decided();
    const mallory = await kit.approval('mallory', requestBytes, 'reject');
    const other = await kit.approval('alice', (await kit.order()).requestBytes, 'reject');
    expect(await verdict([bob, carol, mallory, other])).toEqual(['bob', 'carol']);
  });

  test('an approval that was taken back does not count; taken back by another it does', async () => {
    const { requestBytes, bob, carol, verdict } = await decided();
    const byCarol = await kit.withdrawal('carol', requestBytes, bob);
    const byMallory = await kit.withdrawal('mallory', requestBytes, bob);
    expect(await verdict([bob, carol], [byCarol, byMallory, 'rubbish'])).toEqual(['bob', 'carol']);
    const byBob = await kit.withdrawal('bob', requestBytes, bob);
    expect(await verdict([bob, carol], [byBob])).toBe('APPROVALS_INSUFFICIENT');
    const again = await kit.approval('bob2', requestBytes);
    expect(await verdict([bob, again, carol], [byBob])).toEqual(['bob', 'carol']);
  });

  test('a withdrawal for another request takes nothing back', async () => {
    const { bob, carol, verdict } = await decided();
    const other = await kit.withdrawal('bob', (await kit.order()).requestBytes, bob);
    expect(await verdict([bob, carol], [other])).toEqual(['bob', 'carol']);
  });
});

describe('a request or order whose lifetime cannot be right is refused', () => {
  const DAY_MS = 24 * 3_600_000;
  const rows: [what: string, changes: OrderChanges][] = [
    ['the request lives longer than any may', { request: { createdAtMs: NOW_MS - 8 * DAY_MS } }],
    ['the request is from the future', { request: { createdAtMs: NOW_MS + 60_000 } }],
    ['the order is older than its request', { iatMs: NOW_MS - 60_000 }],
    ['the order outlives its request', { lifeMs: 2 * 3_600_000 }],
  ];
  test.each(rows)('it is refused if %s', async (what, changes) => {
    const message = expect.stringContaining(what);
    await expect(verify(await kit.order(changes))).rejects.toMatchObject({ code: 'TOKEN_CLAIMS', message });
  });
});

test('an expired bundle approves nothing, whatever it says', async () => {
  const order = await kit.order({
    lifeMs: 48 * 3_600_000,
    request: { expiresAtMs: NOW_MS + 72 * 3_600_000 },
  });
  const nowMs = kit.bundle.expiresAtMs;
  await expect(verify(order, { nowMs })).rejects.toMatchObject({ code: 'TRUST_EXPIRED' });
});

test('a bundle that was seen to expire approves nothing, whatever the clock says now', async () => {
  await expect(verify(await kit.order(), { bundleIsOver: true })).rejects.toMatchObject({
    code: 'TRUST_EXPIRED',
  });
});

test('nothing is approved by a clock that is a day behind the making of the bundle', async () => {
  const order = await kit.order();
  const authentic = await authenticateOrder(order.envelope, trust);
  const nowMs = kit.bundle.issuedAtMs - 25 * 3_600_000;
  await expect(verifyOrder(authentic, { ...trust, nowMs })).rejects.toMatchObject({ code: 'CLOCK_WRONG' });
});

test('an expired request is refused, also with a fresh order', async () => {
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

test('an order that did not come from authenticateOrder is not verified', async () => {
  const forged = { ...(await authenticateOrder((await kit.order()).envelope, trust)) };
  await expect(verifyOrder(forged as never, trust)).rejects.toMatchObject({ code: 'INTERNAL' });
});

describe('scopes in the bundle of this host', () => {
  const limited = (...scopes: object[]) => ({ bundle: checkTrustBundle({ ...kit.bundle, scopes }) });

  test('a request that its requester may not aim at this host is refused', async () => {
    const order = await kit.order();
    const at = limited({ may: 'request', person: 'alice', hosts: 'role=db' });
    await expect(verify(order, at)).rejects.toMatchObject({
      code: 'SCOPE_EXCEEDED',
      message: expect.stringContaining('web-01 is outside their scope, which is hosts role=db'),
    });
    const db = { ...at, labels: { env: 'test', role: 'db' } };
    await expect(verify(order, db)).resolves.toBeDefined();
  });

  test('an approval outside the scope of its approver does not count on this host', async () => {
    const at = limited({ may: 'approve', person: 'bob', hosts: 'env=prod' });
    await expect(verify(await kit.order(), at)).rejects.toMatchObject({
      code: 'APPROVALS_INSUFFICIENT',
      message: expect.stringContaining('1 of 2 approvals count on this host; not counted: bob: web-01'),
    });
  });

  test('a rejection stands even where its signer may not approve', async () => {
    const at = limited({ may: 'approve', person: 'bob', hosts: 'env=prod' });
    const { request, requestBytes } = await kit.order();
    const approvals = [await kit.approval('bob', requestBytes, 'reject')];
    await expect(verify(await kit.order({ request, approvals }), at)).rejects.toMatchObject({
      code: 'REQUEST_REJECTED',
    });
  });

  test('approvals of one team are not enough where another team has a seat', async () => {
    const thresholds = { standard: { read: 1, call: 2, write: 2, teams: { kernel: 1 } } };
    const teams = [{ name: 'kernel', members: ['alice'] }];
    const bundle = checkTrustBundle({ ...kit.bundle, teams, thresholds });
    await expect(verify(await kit.order(), { bundle })).rejects.toMatchObject({
      code: 'APPROVALS_INSUFFICIENT',
      message: '2 of 2 approvals count on this host; missing: one of kernel',
    });
  });
});

describe('an order while newer trust bundles may be held back', () => {
  const MINUTE_MS = 60_000;

  test('an order while newer trust bundles may be held back is refused once a newer bundle that a controller named could not be had for some minutes', async () => {
    const order = await kit.order();
    const newer = (sinceMs: number) => ({ confirmedAtMs: NOW_MS, newer: { version: 2, sinceMs } });
    await verify(order, { statements: newer(NOW_MS - WITHHELD_GRACE_MS + 1) });
    await expect(verify(order, { statements: newer(NOW_MS - WITHHELD_GRACE_MS) })).rejects.toMatchObject({
      code: 'TRUST_WITHHELD',
      message: expect.stringContaining('trust bundle 2'),
    });
  });

  test('an order while newer trust bundles may be held back is refused if it was held back, and no controller has confirmed the bundle since', async () => {
    const order = await kit.order({
      iatMs: NOW_MS - 30 * MINUTE_MS,
      request: { createdAtMs: NOW_MS - 31 * MINUTE_MS },
    });
    const confirmed = (confirmedAtMs: number) => ({ statements: { confirmedAtMs } });
    await expect(verify(order)).rejects.toMatchObject({ code: 'TRUST_STALE' });
    await expect(verify(order, confirmed(NOW_MS - STATEMENT_LIMIT_MS - 1))).rejects.toMatchObject({
      code: 'TRUST_STALE',
    });
    await verify(order, confirmed(NOW_MS - STATEMENT_LIMIT_MS));
  });

  test('an order while newer trust bundles may be held back runs without any other statement if it was just signed', async () => {
    const order = await kit.order({
      iatMs: NOW_MS - 14 * MINUTE_MS,
      request: { createdAtMs: NOW_MS - 20 * MINUTE_MS },
    });
    await verify(order);
  });
});
