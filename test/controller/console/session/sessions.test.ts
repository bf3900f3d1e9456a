import { beforeEach, describe, expect, it } from 'vitest';
import {
  beginSession,
  checkSameOrigin,
  codeSignIn,
  findSession,
  isOver,
  newCode,
  oidcCookie,
  secretId,
  secretIn,
  sessionCookie,
  setCookie,
} from '../../../../controller/console/index.ts';
import { trustSource } from '../../../../controller/trust/index.ts';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { BUNDLE, bundleAt, entryOf, KEYS, SITE, START_MS } from '../../../kit/cast.ts';
import { codeOf, controllerParts } from '../../../kit/controller-kit.ts';

const CONFIG = {
  ...{ listen: '127.0.0.1:0', origin: 'https://console.example' },
  ...{ sessionMs: 8 * 3_600_000, idleMs: 900_000 },
};
const ALICE = { person: 'alice', kid: KEYS.alice.kid, signInMethod: 'operator-key' } as const;
const OTHERS = [entryOf('bob'), entryOf('carol')];

describe('a session', () => {
  let parts: ReturnType<typeof consoleParts>;

  beforeEach(() => {
    parts = consoleParts();
  });

  function consoleParts() {
    return { ...controllerParts(), config: CONFIG };
  }

  const cookie = async (): Promise<string> => `__Host-farcall=${(await beginSession(parts, ALICE)).secret}`;

  it('a session is found by its cookie, with the person’s current roles', async () => {
    const { caller } = await findSession(parts, await cookie());
    expect(caller).toMatchObject({ name: 'alice', kid: ALICE.kid });
    expect(caller.roles.has('requester')).toBe(true);
  });

  it('a session ends after its lifetime, however often it is used, and sooner without use', async () => {
    const held = await cookie();
    for (let atMs = 0; atMs < CONFIG.sessionMs - 600_000; atMs += 600_000) {
      parts.clock.advance(600_000);
      await findSession(parts, held);
    }
    parts.clock.advance(600_000);
    expect(await codeOf(findSession(parts, held))).toBe('UNAUTHENTICATED');
    const idle = await cookie();
    parts.clock.advance(CONFIG.idleMs);
    expect(await codeOf(findSession(parts, idle))).toBe('UNAUTHENTICATED');
  });

  it('a session counts to the millisecond', async () => {
    const held = await cookie();
    parts.clock.advance(CONFIG.idleMs - 1);
    await expect(findSession(parts, held)).resolves.toMatchObject({
      expiresAtMs: START_MS + 2 * CONFIG.idleMs - 1,
    });
    const idle = await cookie();
    parts.clock.advance(CONFIG.idleMs);
    expect(await codeOf(findSession(parts, idle))).toBe('UNAUTHENTICATED');
  });

  it('a session that is used until its end ends then, and says so before', async () => {
    const endless = { ...parts, config: { ...CONFIG, idleMs: 2 * CONFIG.sessionMs } };
    const held = await cookie();
    parts.clock.advance(CONFIG.sessionMs - 1);
    await expect(findSession(endless, held)).resolves.toMatchObject({
      expiresAtMs: START_MS + CONFIG.sessionMs,
    });
    parts.clock.advance(1);
    expect(await codeOf(findSession(endless, held))).toBe('UNAUTHENTICATED');
  });

  it('a session’s use is noted every ten seconds', async () => {
    const { secret, signedIn } = await beginSession(parts, ALICE);
    expect(signedIn.expiresAtMs).toBe(START_MS + CONFIG.idleMs);
    const usedAtMs = async () => {
      await findSession(parts, `__Host-farcall=${secret}`);
      return (await parts.consoles.find(secretId(secret)))?.usedAtMs;
    };
    parts.clock.advance(9999);
    expect(await usedAtMs()).toBe(START_MS);
    parts.clock.advance(1);
    expect(await usedAtMs()).toBe(START_MS + 10_000);
  });

  it('a session goes on while its use cannot be noted because a disk is full, and for no other error', async () => {
    const held = await cookie();
    parts.clock.advance(10_000);
    const failing = (error: Error) => ({
      ...parts,
      consoles: { ...parts.consoles, used: () => Promise.reject(error) },
    });
    const full = failing(new FarcallError('STORE_FULL', 'the disk is full'));
    await expect(findSession(full, held)).resolves.toMatchObject({ caller: { name: 'alice' } });
    const failed = failing(new FarcallError('STORE_FAILED', 'it fails'));
    expect(await codeOf(findSession(failed, held))).toBe('STORE_FAILED');
    await expect(findSession(failing(new TypeError('a fault')), held)).rejects.toThrow(TypeError);
  });

  it('no session is found without a cookie, or by another secret', async () => {
    await cookie();
    expect(await codeOf(findSession(parts, undefined))).toBe('UNAUTHENTICATED');
    expect(await codeOf(findSession(parts, `__Host-farcall=${'A'.repeat(43)}`))).toBe('UNAUTHENTICATED');
  });

  it('a session ends with the validity of its key', async () => {
    const ends = { notBeforeMs: START_MS + 1000, notAfterMs: START_MS + 2000 };
    const requesters = [{ name: 'alice', keys: [{ ...KEYS.alice.publicJwk, ...ends }] }];
    const dated = {
      ...controllerParts(bundleAt(START_MS, { requesters, approvers: OTHERS })),
      config: CONFIG,
    };
    dated.clock.advance(999);
    expect(await codeOf(beginSession(dated, ALICE))).toBe('UNAUTHENTICATED');
    dated.clock.advance(1);
    const { secret, signedIn } = await beginSession(dated, ALICE);
    dated.clock.advance(999);
    await expect(findSession(dated, `__Host-farcall=${secret}`)).resolves.toBeDefined();
    expect(await isOver(dated, signedIn.session)).toBe(false);
    dated.clock.advance(1);
    expect(await codeOf(findSession(dated, `__Host-farcall=${secret}`))).toBe('UNAUTHENTICATED');
    expect(await isOver(dated, signedIn.session)).toBe(true);
  });

  it('open streams end when the session does, and go on while the store does not answer', async () => {
    const { signedIn } = await beginSession(parts, ALICE);
    const consoles = { ...parts.consoles, find: () => Promise.reject(new Error('the store is away')) };
    parts.clock.advance(CONFIG.idleMs - 1);
    expect(await isOver(parts, signedIn.session)).toBe(false);
    expect(await isOver({ ...parts, consoles }, signedIn.session)).toBe(false);
    parts.clock.advance(1);
    expect(await isOver(parts, signedIn.session)).toBe(true);
    expect(await isOver({ ...parts, consoles }, signedIn.session)).toBe(true);
    const endless = { ...parts, config: { ...CONFIG, idleMs: 2 * CONFIG.sessionMs } };
    parts.clock.advance(CONFIG.sessionMs - CONFIG.idleMs - 1);
    expect(await isOver(endless, signedIn.session)).toBe(false);
    parts.clock.advance(1);
    expect(await isOver(endless, signedIn.session)).toBe(true);
  });

  it('no session begins for a key that is not in the trust bundle, or belongs to somebody else', async () => {
    expect(await codeOf(beginSession(parts, { ...ALICE, kid: 'unknown' }))).toBe('UNAUTHENTICATED');
    expect(await codeOf(beginSession(parts, { ...ALICE, person: 'bob' }))).toBe('UNAUTHENTICATED');
    expect(await parts.audit.page({ kind: 'console-signed-in', afterSeq: 0, limit: 10 })).toEqual([]);
  });

  it('open streams end when the session’s key leaves the trust bundle, or the person signs out', async () => {
    let bundle = BUNDLE;
    const deps = { ...parts, trust: trustSource({ site: SITE, newest: () => bundle, clock: parts.clock }) };
    const { signedIn } = await beginSession(deps, ALICE);
    expect(await isOver(deps, signedIn.session)).toBe(false);
    const others = BUNDLE.approvers.filter(({ name }) => name !== 'alice');
    bundle = { ...BUNDLE, requesters: [], approvers: others };
    expect(await isOver(deps, signedIn.session)).toBe(true);
    bundle = BUNDLE;
    expect(await isOver(deps, signedIn.session)).toBe(false);
    await deps.consoles.end(signedIn.session.id);
    expect(await isOver(deps, signedIn.session)).toBe(true);
  });

  it('the store keeps only digests of sessions and codes', async () => {
    const { secret } = await beginSession(parts, ALICE);
    const { code } = await newCode(parts, ALICE);
    expect(await parts.consoles.find(secret)).toBeUndefined();
    expect(await parts.consoles.find(secretId(secret))).toMatchObject({ person: 'alice' });
    expect(await parts.consoles.redeem(code, 'code', parts.clock.nowMs())).toBeUndefined();
    expect(await codeSignIn(parts, code)).toMatchObject({ person: 'alice' });
    expect(await codeOf(codeSignIn(parts, code))).toBe('UNAUTHENTICATED');
  });

  it('a code that is older than a minute begins no session', async () => {
    const { code } = await newCode(parts, ALICE);
    parts.clock.advance(60_001);
    expect(await codeOf(codeSignIn(parts, code))).toBe('UNAUTHENTICATED');
  });
});

describe('the cookie', () => {
  const secret = 'A'.repeat(43);

  it('the cookie is for this host only, and no script can read it', () => {
    expect(setCookie(sessionCookie(CONFIG), secret)).toBe(
      `__Host-farcall=${secret}; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict; Secure`,
    );
    const local = { ...CONFIG, origin: 'http://localhost:8440' };
    expect(setCookie(sessionCookie(local), secret)).not.toContain('Secure');
    expect(setCookie(oidcCookie(CONFIG, 600_000), '')).toBe(
      '__Host-farcall-oidc=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    );
  });

  it.each([
    [`a=b; __Host-farcall=${secret}`, secret],
    [`__Host-farcall=${secret}; __Host-farcall=${secret}`, secret],
    [`__Host-farcall=${secret}; __Host-farcall=${'B'.repeat(43)}`, undefined],
    [`farcall=${secret}`, undefined],
    [`__Host-farcall=${secret}x`, undefined],
    ['__Host-farcall=', undefined],
    [undefined, undefined],
  ])('the secret in the cookie header %s is found, unless there are two', (header, found) => {
    expect(secretIn(sessionCookie(CONFIG), header)).toBe(found);
  });
});

describe('a call', () => {
  const OWN = { host: 'console.example', origin: CONFIG.origin, 'content-type': 'application/json' };
  const check = (method: string, headers: Record<string, string>) => () =>
    checkSameOrigin(CONFIG, method, headers);

  it('a call of our own page passes', () => {
    expect(check('POST', { ...OWN, 'sec-fetch-site': 'same-origin' })).not.toThrow();
    expect(check('POST', { ...OWN, 'content-type': 'application/json; charset=utf-8' })).not.toThrow();
    expect(check('GET', { host: OWN.host, 'sec-fetch-site': 'none' })).not.toThrow();
  });

  it.each([
    ['of another page', 'POST', { ...OWN, origin: 'https://evil.example' }],
    ['of no page', 'POST', { host: OWN.host, 'content-type': 'application/json' }],
    ['of a form', 'POST', { ...OWN, 'content-type': 'text/plain' }],
    ['of a neighbour', 'GET', { ...OWN, 'sec-fetch-site': 'same-site' }],
    ['by another name', 'GET', { ...OWN, host: 'evil.example' }],
  ])('a call %s is refused', (_what, method, headers) => {
    expect(check(method, headers)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });
});
