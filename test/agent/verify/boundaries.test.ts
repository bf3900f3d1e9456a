import { describe, expect, test } from 'vitest';
import { attemptKeyText } from '../../../agent/verify/attempt-key.ts';
import {
  authenticateAbort,
  authenticateOrder,
  authenticateQuery,
  type HostTrust,
  isAuthenticAbort,
  isVerifiedOrder,
  verifyOrder,
  WITHHELD_GRACE_MS,
} from '../../../agent/verify/index.ts';
import { digestText, sha256 } from '../../../shared/tokens/index.ts';
import { KEYS, tokenOf } from '../../kit/cast.ts';
import { codeOf } from '../../kit/controller-kit.ts';
import { type OrderChanges, orderKit } from '../../kit/order-kit.ts';
import { selectableFacts } from '../support/stand-in-stages.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const kit = orderKit(NOW_MS);

function trusting(changes: Partial<HostTrust> = {}): HostTrust {
  return {
    ...{ bundle: kit.bundle, host: 'web-01', labels: { env: 'test' }, facts: selectableFacts },
    ...{ statements: { confirmedAtMs: NOW_MS }, nowMs: NOW_MS },
    ...changes,
  };
}

/** What a host says to an order: `ok`, or the code of its error. */
async function said(changes: OrderChanges, trust: Partial<HostTrust> = {}): Promise<string> {
  const { envelope } = await kit.order(changes);
  const host = trusting(trust);
  return authenticateOrder(envelope, host)
    .then(order => verifyOrder(order, host))
    .then(
      order => (isVerifiedOrder(order) ? 'ok' : 'not marked'),
      ({ code, message }) => `${code}: ${message}`,
    );
}

describe('an order at the edge of its time', () => {
  test('an order runs until its request expires, to the millisecond', async () => {
    const request = { createdAtMs: NOW_MS - 1000, expiresAtMs: NOW_MS + 1 };
    expect(await said({ request, lifeMs: 1000 })).toBe('ok');
    expect(await said({ request: { ...request, expiresAtMs: NOW_MS }, lifeMs: 1000 })).toMatch(
      /^REQUEST_EXPIRED/,
    );
  });

  test('an order runs for a request of the longest life, and of none longer', async () => {
    const createdAtMs = NOW_MS - 7 * DAY_MS + HOUR_MS;
    const expiresAtMs = NOW_MS + HOUR_MS;
    expect(await said({ request: { createdAtMs, expiresAtMs } })).toBe('ok');
    expect(await said({ request: { createdAtMs: createdAtMs - 1, expiresAtMs } })).toMatch(
      /lives longer than any may/,
    );
  });

  test('an order runs for a request from a clock that is ahead by no more than the tolerance', async () => {
    const at = (createdAtMs: number) => said({ request: { createdAtMs, expiresAtMs: NOW_MS + 2 * HOUR_MS } });
    expect(await at(NOW_MS + 30_000)).toBe('ok');
    expect(await at(NOW_MS + 30_001)).toMatch(/^TOKEN_CLAIMS: the request is from the future/);
  });

  test('an order begins no earlier than its request, but for the tolerance', async () => {
    const at = (createdAtMs: number) => said({ request: { createdAtMs }, nbfMs: NOW_MS - 30_000 });
    expect(await at(NOW_MS)).toBe('ok');
    expect(await at(NOW_MS + 1)).toMatch(/^TOKEN_CLAIMS: the order is older than its request/);
  });

  test('an order ends no later than its request, but for the tolerance', async () => {
    const at = (expiresAtMs: number) => said({ request: { createdAtMs: NOW_MS, expiresAtMs } });
    expect(await at(NOW_MS + HOUR_MS - 30_000)).toBe('ok');
    expect(await at(NOW_MS + HOUR_MS - 30_001)).toMatch(/^TOKEN_CLAIMS: the order outlives its request/);
  });
});

describe('an order and the trust bundle of its host', () => {
  test('an order that was counted by a newer bundle waits for that one', async () => {
    expect(await said({ trustVersion: kit.bundle.version })).toBe('ok');
    expect(await said({ trustVersion: kit.bundle.version + 1 })).toMatch(/^TRUST_BEHIND/);
  });

  test('an order is refused for a withheld bundle only if that is newer than the host has', async () => {
    const named = (version: number) => ({
      statements: { confirmedAtMs: NOW_MS, newer: { version, sinceMs: NOW_MS - WITHHELD_GRACE_MS } },
    });
    expect(await said({}, named(kit.bundle.version))).toBe('ok');
    expect(await said({}, named(kit.bundle.version + 1))).toMatch(/^TRUST_WITHHELD/);
  });

  test('an order is refused by a bundle that was seen to expire, though the clock was set back', async () => {
    expect(await said({}, { bundleIsOver: true })).toMatch(/^TRUST_EXPIRED/);
    expect(await said({}, { bundleIsOver: false })).toBe('ok');
  });
});

describe('an order and the time at which its host was set up', () => {
  test('an order finds a host that was set up until the request was made', async () => {
    const request = { createdAtMs: NOW_MS };
    expect(await said({ request }, { joinedAtMs: NOW_MS })).toBe('ok');
    expect(await said({ request }, { joinedAtMs: NOW_MS + 1 })).toMatch(
      /^NOT_SELECTED: web-01 was set up at/,
    );
    expect(await said({ request: { ...request, lateJoiners: true } }, { joinedAtMs: NOW_MS + 1 })).toBe('ok');
  });
});

describe('a query of a controller', () => {
  const query = Buffer.from('what would it do');
  const asked = async (
    claims: { readonly sha256?: string; readonly by?: 'ctl-1' | 'bob' } = {},
    trust: Partial<HostTrust> = {},
  ) => {
    const { by = 'ctl-1' } = claims;
    const iat = NOW_MS / 1000;
    const content = { iss: by, iat, exp: iat + 60, sha256: claims.sha256 ?? digestText(sha256(query)) };
    const token = await tokenOf('plan', content, KEYS[by]);
    return authenticateQuery('plan', { query, token }, trusting(trust));
  };

  test('a query of a controller is answered, and known by its digest', async () => {
    expect(Buffer.from(await asked())).toEqual(Buffer.from(sha256(query)));
  });

  test('a query is not answered if its token is for other bytes or by no controller', async () => {
    expect(await codeOf(asked({ sha256: 'A'.repeat(43) }))).toBe('TOKEN_CLAIMS');
    expect(await codeOf(asked({ by: 'bob' }))).toBe('TOKEN_KEY_UNKNOWN');
  });

  test('a query is not answered by a bundle that has expired, or was seen to', async () => {
    expect(await codeOf(asked({}, { bundleIsOver: true }))).toBe('TRUST_EXPIRED');
    const bundle = { ...kit.bundle, expiresAtMs: NOW_MS };
    expect(await codeOf(asked({}, { bundle }))).toBe('TRUST_EXPIRED');
    await expect(asked({}, { bundle: { ...kit.bundle, expiresAtMs: NOW_MS + 1 } })).resolves.toBeDefined();
  });
});

describe('an abort that reaches a host', () => {
  const aborted = async (changes: OrderChanges = {}, nowMs = NOW_MS) => {
    const { requestBytes, request } = await kit.order(changes);
    const exp = Math.ceil(request.expiresAtMs / 1000);
    return authenticateAbort(
      await kit.abort('bob', requestBytes, { exp, reason: 'it hangs' }),
      trusting({ nowMs }),
    );
  };

  test('an abort that reaches a host says who stops what, and until when', async () => {
    const abort = await aborted({ request: { id: 'reqabort' } });
    expect(isAuthenticAbort(abort)).toBe(true);
    expect(isAuthenticAbort({ ...abort })).toBe(false);
    expect(abort).toMatchObject({
      ...{ requestId: 'reqabort', by: 'bob', reason: 'it hangs', expiresAtMs: NOW_MS + HOUR_MS },
    });
    expect(abort.requestDigest).toHaveLength(32);
  });

  test('an abort of a request for other hosts is not kept', async () => {
    expect(await codeOf(aborted({ request: { selector: 'env=prod' } }))).toBe('NOT_SELECTED');
  });

  test('an abort of a request that is over is not kept', async () => {
    const request = { createdAtMs: NOW_MS - HOUR_MS, expiresAtMs: NOW_MS + 1000 };
    await expect(aborted({ request }, NOW_MS + 999)).resolves.toBeDefined();
    expect(await codeOf(aborted({ request }, NOW_MS + 1000))).toBe('REQUEST_EXPIRED');
  });
});

test('an attempt is named by the digest of its request and its number', () => {
  expect(attemptKeyText({ requestDigest: new Uint8Array(32), attempt: 7 })).toBe(`${'A'.repeat(43)}/7`);
});
