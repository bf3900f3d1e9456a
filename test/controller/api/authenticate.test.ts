import { Metadata } from '@grpc/grpc-js';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Authenticator, authenticator } from '../../../controller/api/index.ts';
import { PERMISSIONS, WITHOUT_FRESH_TRUST } from '../../../controller/api/permissions.ts';
import { OPERATOR_METHODS, type OperatorMethodName } from '../../../controller/rpc/index.ts';
import { openStore, type Store } from '../../../controller/store/index.ts';
import { trustSource } from '../../../controller/trust/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { digestText, type SigningKey, sha256 } from '../../../shared/tokens/index.ts';
import { BUNDLE, KEYS, keyOf, SITE, START_MS, tokenOf } from '../../kit/cast.ts';
import { codeOf, type TestClock, testClock } from '../../kit/controller-kit.ts';
import { storeParts } from '../../kit/store-kit.ts';

describe('the caller of the operator API', () => {
  let clock: TestClock;
  let authenticate: Authenticator;
  let store: Store;
  let jti = 0;

  beforeEach(() => {
    clock = testClock();
    store = openStore(':memory:', storeParts(clock));
    authenticate = authenticator({
      ...store,
      trust: trustSource({ site: SITE, newest: () => BUNDLE, clock }),
      clock,
    });
  });

  interface TokenWish {
    readonly iss?: string;
    readonly key?: SigningKey;
    readonly iat?: number;
    readonly exp?: number;
    readonly method?: OperatorMethodName;
    readonly request?: Uint8Array;
  }
  const REQUEST = Buffer.from('the bytes of a request');
  const token = (wish: TokenWish = {}): Promise<string> => {
    const { iss = 'alice', key = KEYS.alice, method = 'getRequest', request = REQUEST, ...times } = wish;
    const iat = Math.floor(clock.nowMs() / 1000);
    const purpose = { method: OPERATOR_METHODS[method].path, sha256: digestText(sha256(request)) };
    const claims = { iss, iat, exp: iat + 60, jti: `token-of-test-${jti++}`, ...purpose, ...times };
    return tokenOf('operator', claims, key);
  };
  const metadata = (value: string): Metadata => {
    const made = new Metadata();
    made.set('authorization', value);
    return made;
  };
  const call = async (wish: TokenWish = {}, method: OperatorMethodName = 'getRequest') =>
    authenticate(method, metadata(`Bearer ${await token({ method, ...wish })}`), REQUEST);

  it('the caller of the operator API is known by a key in the trust bundle, with the roles of that key', async () => {
    const both = new Set(['requester', 'approver']);
    expect(await call()).toEqual({ name: 'alice', roles: both, kid: KEYS.alice.kid });
    const bob = { name: 'bob', roles: new Set(['approver']), kid: KEYS.bob.kid };
    expect(await call({ iss: 'bob', key: KEYS.bob })).toEqual(bob);
  });

  const seconds = START_MS / 1000;
  const refused: readonly [string, TokenWish, string][] = [
    ['somebody without a key in the bundle', { iss: 'mallory', key: KEYS.mallory }, 'TOKEN_KEY_UNKNOWN'],
    ["somebody in another's name", { iss: 'alice', key: KEYS.bob }, 'TOKEN_CLAIMS'],
    ['a controller', { iss: 'ctl-1', key: KEYS['ctl-1'] }, 'TOKEN_KEY_UNKNOWN'],
    ['a token of 100 seconds ago', { iat: seconds - 100, exp: seconds - 40 }, 'TOKEN_EXPIRED'],
    ['a token of the future', { iat: seconds + 31, exp: seconds + 40 }, 'TOKEN_EXPIRED'],
    ['a token that lives longer than a minute', { exp: seconds + 61 }, 'TOKEN_CLAIMS'],
  ];
  it.each(refused)('the caller of the operator API is refused if it is %s', async (_name, wish, code) => {
    expect(await codeOf(call(wish))).toBe(code);
  });

  it('the caller of the operator API is refused if they send a token again, as long as it could be accepted', async () => {
    const used = metadata(`Bearer ${await token()}`);
    await authenticate('getRequest', used, REQUEST);
    expect(await codeOf(authenticate('getRequest', used, REQUEST))).toBe('UNAUTHENTICATED');
    clock.advance(60_000);
    await call();
    expect(await codeOf(authenticate('getRequest', used, REQUEST))).toBe('UNAUTHENTICATED');
    clock.advance(31_000);
    await call();
    expect(await codeOf(authenticate('getRequest', used, REQUEST))).toBe('TOKEN_EXPIRED');
  });

  it('the caller of the operator API is refused if they send a token, used here, to another controller or after a restart', async () => {
    const used = metadata(`Bearer ${await token()}`);
    await authenticate('getRequest', used, REQUEST);
    const other = authenticator({
      ...store,
      trust: trustSource({ site: SITE, newest: () => BUNDLE, clock }),
      clock,
    });
    expect(await codeOf(other('getRequest', used, REQUEST))).toBe('UNAUTHENTICATED');
  });

  it('the caller of the operator API is refused while the store cannot be asked whether the token was used', async () => {
    await call();
    await store.close();
    expect(await codeOf(call())).toBe('STORE_FAILED');
  });

  it('the caller of the operator API reads with each token once while the disk of the store is full, and changes nothing', async () => {
    const before = metadata(`Bearer ${await token({ method: 'listHosts' })}`);
    await authenticate('listHosts', before, REQUEST);
    let isFull = true;
    const { use, isUsed } = store.usedTokens;
    authenticate = authenticator({
      usedTokens: {
        isUsed,
        use: (...args) =>
          isFull ? Promise.reject(new FarcallError('STORE_FULL', 'the disk is full')) : use(...args),
      },
      trust: trustSource({ site: SITE, newest: () => BUNDLE, clock }),
      clock,
    });
    expect(await codeOf(authenticate('listHosts', before, REQUEST))).toBe('UNAUTHENTICATED');
    const once = metadata(`Bearer ${await token({ method: 'listHosts' })}`);
    const [first, second] = await Promise.allSettled([
      authenticate('listHosts', once, REQUEST),
      authenticate('listHosts', once, REQUEST),
    ]);
    expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(await codeOf(call({}, 'submitAction'))).toBe('STORE_FULL');
    isFull = false;
    expect(await codeOf(authenticate('listHosts', once, REQUEST))).toBe('UNAUTHENTICATED');
  });

  it('the caller of the operator API is refused if they send a token that was made for another method, or another request', async () => {
    expect(await codeOf(call({ method: 'listHosts' }, 'getRequest'))).toBe('TOKEN_CLAIMS');
    expect(await codeOf(call({ request: Buffer.from('another request') }))).toBe('TOKEN_CLAIMS');
  });

  it('the caller of the operator API is refused if they send a token of another kind', async () => {
    const approval = await tokenOf(
      'approval',
      { iss: 'bob', iat: seconds, exp: seconds + 60, req: 'A'.repeat(43), decision: 'approve' },
      KEYS.bob,
    );
    expect(await codeOf(authenticate('getRequest', metadata(`Bearer ${approval}`), REQUEST))).toBe(
      'TOKEN_CLAIMS',
    );
  });

  it.each(['', 'Bearer', 'Bearer a b', 'Basic YTpi', 'bearer x'])(
    "the caller of the operator API is refused with the metadata '%s'",
    async value => {
      expect(await codeOf(authenticate('getRequest', metadata(value), REQUEST))).toBe('UNAUTHENTICATED');
    },
  );

  it('the caller of the operator API is refused if there is no metadata', async () => {
    expect(await codeOf(authenticate('getRequest', new Metadata(), REQUEST))).toBe('UNAUTHENTICATED');
  });

  it('the caller of the operator API may do what the table says, and nothing else', async () => {
    const requesterOnly = keyOf('rita');
    const bundle = { ...BUNDLE, requesters: [{ name: 'rita', keys: [requesterOnly.publicJwk] }] };
    authenticate = authenticator({
      ...store,
      trust: trustSource({ site: SITE, newest: () => bundle, clock }),
      clock,
    });
    const callers = {
      requester: { iss: 'rita', key: requesterOnly },
      approver: { iss: 'bob', key: KEYS.bob },
    } as const;
    for (const method of Object.keys(OPERATOR_METHODS) as OperatorMethodName[]) {
      for (const role of ['requester', 'approver'] as const) {
        const roles = PERMISSIONS[method];
        const allowed = roles === 'anybody' || roles.includes(role);
        const outcome = await call(callers[role], method).then(
          () => true,
          error => error.code,
        );
        expect([method, role, outcome]).toEqual([method, role, allowed || 'FORBIDDEN']);
      }
    }
    expect(PERMISSIONS.createRequest).toEqual(['requester']);
    expect(PERMISSIONS.submitApproval).toEqual(['approver']);
  });

  it('the caller of the operator API can read and abort once the trust bundle is expired, and is refused all else', async () => {
    clock.advance(91 * 24 * 3_600_000);
    for (const method of Object.keys(OPERATOR_METHODS) as OperatorMethodName[]) {
      if (PERMISSIONS[method] === 'anybody') continue;
      if (WITHOUT_FRESH_TRUST.has(method)) expect(await call({}, method)).toMatchObject({ name: 'alice' });
      else expect(await codeOf(call({}, method)), method).toBe('TRUST_EXPIRED');
    }
    for (const method of [
      'createRequest',
      'submitApproval',
      'submitStatement',
      'createEnrolment',
      'unlock',
    ] as const)
      expect(WITHOUT_FRESH_TRUST.has(method)).toBe(false);
    expect(await call({}, 'publishTrust')).toEqual({ name: 'anybody', roles: new Set(), kid: '' });
  });
});
