import { type KeyObject, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../deploy/demo/service.ts';
import { keyId, type PasskeyJwk, passkeyJwkSchema } from '../../../shared/tokens/index.ts';
import { type ConsoleBrowser, consoleBrowser } from '../../kit/console-browser.ts';
import { eventually } from '../../kit/eventually.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import { type TrustSite, trustSite } from '../../kit/fleet/trust-site.ts';
import { assertionBy, type Ceremony, registerPasskey } from '../../kit/keys/passkey-kit.ts';

const DRAFT = {
  ...{ program: 'f(1)', selector: 'env=test', reason: 'by the console', policy: 'standard', effect: 'call' },
  ...{ lifetimeMs: 600_000, timeoutMs: 10_000 },
};

interface Passkey {
  readonly publicJwk: PasskeyJwk;
  readonly privateKey: KeyObject;
  readonly kid: string;
}

describe('the console of a real controller, with a real agent', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let site: TrustSite;
  let origin: string;
  const passkeys = new Map<string, Passkey>();

  const visitor = (): ConsoleBrowser => consoleBrowser(origin);
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  /** What a browser sends after its passkey has signed `challenge`. */
  const signed = (who: string, challenge: string, ceremony: Ceremony = {}) => {
    const { privateKey, publicJwk, kid } = passkeys.get(who)!;
    const options = {
      rpId: 'localhost',
      ...ceremony,
      clientData: { origin, ...ceremony.clientData },
    };
    const made = assertionBy({ privateKey, publicJwk, kid }, Buffer.from(challenge, 'base64url'), options);
    return {
      credentialId: publicJwk.passkey.credentialId,
      authenticatorData: text(made.authenticatorData),
      clientDataJSON: text(made.clientDataJSON),
      signature: text(made.signature),
    };
  };
  const signIn = async (who: string): Promise<ConsoleBrowser> => {
    const browser = visitor();
    const { json } = await browser.post('/api/sign-in/challenge', {});
    const reply = await browser.post('/api/sign-in/passkey', signed(who, json.challenge));
    expect(reply.json).toMatchObject({ name: who, signInMethod: 'passkey' });
    return browser;
  };
  /** alice asks by the code of `farcall console`. */
  const alice = async (): Promise<ConsoleBrowser> => {
    const { code } = await controller.farcallJson('alice', 'console');
    const browser = visitor();
    expect((await browser.post('/api/sign-in/code', { code })).json).toMatchObject({
      signInMethod: 'operator-key',
    });
    return browser;
  };
  const register = async (): Promise<Passkey> => {
    const browser = visitor();
    const { json } = await browser.post('/api/passkey/challenge', {});
    const { privateKey, registration } = registerPasskey(json.challenge, origin);
    const reply = await browser.post('/api/passkey/register', registration);
    if (reply.status !== 200) throw new Error(JSON.stringify(reply.json));
    const publicJwk = passkeyJwkSchema.parse(reply.json.file);
    expect((await browser.post('/api/passkey/register', registration)).status).toBe(401);
    return { privateKey, publicJwk, kid: keyId(publicJwk) };
  };
  /** Has the request of `draft` prepared, signs it by the passkey of `who`, and hands it in. */
  const ask = async (browser: ConsoleBrowser, draft: object, who = 'alice') => {
    const { bytes, proposal } = (await browser.post('/api/requests/prepare', draft)).json;
    const { signingInput, challenge } = proposal;
    return browser.post('/api/requests', { bytes, signingInput, ...signed(who, challenge) });
  };
  const sign = async (
    browser: ConsoleBrowser,
    who: string,
    id: string,
    input: object,
    ceremony?: Ceremony,
  ) => {
    const { json: proposal } = await browser.post(`/api/requests/${id}/sign/challenge`, input);
    const { action, signingInput, challenge } = proposal;
    return browser.post(`/api/requests/${id}/sign`, {
      ...{ action, signingInput },
      ...signed(who, challenge, ceremony),
    });
  };

  beforeAll(async () => {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    const console = { listen: `127.0.0.1:${port}`, origin, idleMs: 20_000 };
    fleet = await startFleet({ config: { console }, agents: { 'web-1': { labels: { env: 'test' } } } });
    controller = fleet.controller;
    await controller.logged(({ msg }) => msg === 'the console is served');
    site = trustSite(controller);
    for (const who of ['alice', 'bob', 'carol']) {
      passkeys.set(who, await register());
      writeFileSync(
        join(controller.folder, `${who}-passkey.json`),
        JSON.stringify(passkeys.get(who)!.publicJwk),
      );
    }
    const edits = ['alice', 'bob', 'carol'].map(who => [
      'add',
      who === 'alice' ? '--requester' : '--approver',
      `${who}=${join(controller.folder, `${who}-passkey.json`)}`,
    ]);
    await site.make(2, edits, ['rob', 'rose']);
    await site.publish(2);
  });
  afterAll(() => fleet?.stop());

  it('the console asks to sign in, and says how', async () => {
    const { status, json, headers } = await visitor().get('/api/session');
    expect([status, json]).toMatchObject([
      401,
      { error: { code: 'UNAUTHENTICATED' }, signIn: { passkeys: true, oidc: false, controller: 'ctl-1' } },
    ]);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*trusted-types 'none'$/);
    for (const path of ['requests', 'hosts', 'audit', 'trust', 'events', 'requests/x', 'plans/x'])
      expect((await visitor().get(`/api/${path}`)).status, path).toBe(401);
  });

  it('a request is made, planned, approved by two passkeys, run, and seen to its end', async () => {
    const requester = await alice();
    const planned: { event: string; data: unknown }[] = [];
    const { program, selector, policy, effect, timeoutMs } = DRAFT;
    const draft = { program, selector, policy, effect, timeoutMs, perKernel: 1, hosts: [], waitMs: 5000 };
    for await (const event of requester.events('/api/plans', AbortSignal.timeout(20_000), draft))
      planned.push(event);
    const plan = planned.at(-1)!.data as { id: string; digest: string; expectedHosts: number };
    expect(plan).toMatchObject({ expectedHosts: 1 });
    const made = await ask(requester, { ...DRAFT, planId: plan.id });
    const { id, planDigest } = made.json;
    expect(planDigest).toBe(plan.digest);
    expect((await requester.get(`/api/plans/${planDigest}`)).json.id).toBe(plan.id);

    const watched: string[] = [];
    const watching = (async () => {
      const events = requester.events(`/api/requests/${id}/events`, AbortSignal.timeout(30_000));
      for await (const { event } of events) watched.push(event);
    })();
    for (const who of ['bob', 'carol']) {
      const browser = await signIn(who);
      expect((await browser.get(`/api/requests/${id}`)).json.status.state).toBe('pending');
      const reply = await sign(browser, who, id, { action: 'approve', reason: 'looks right' });
      expect([reply.status, reply.json.id]).toEqual([200, id]);
    }
    await watching;
    expect(watched).toContain('host');
    expect(watched.at(-1)).toBe('end');
    const { json: hosts } = await requester.get(`/api/requests/${id}/hosts?filter=outcome=returned`);
    expect(hosts.hosts).toMatchObject([{ host: 'web-1', outcome: 'returned', saidBy: 'host' }]);
    expect((await requester.get(`/api/requests/${id}/hosts/web-1`)).json.result.kernelLog).toBeDefined();
    expect((await requester.get(`/api/requests/${id}/hosts/none`)).status).toBe(404);
    const { json: report } = await requester.get(`/api/requests/${id}/report?groupBy=outcome,value`);
    expect(report).toMatchObject({ sums: { expected: 1, returned: 1, waiting: 0 }, matchingHosts: 1 });
    const { json: line } = await requester.get(`/api/requests/${id}/timeline`);
    expect(line.events.map(({ kind }: { kind: string }) => kind)).toContain('approval-added');
    const { json: log } = await requester.get('/api/audit?kind=console-signed-in&limit=10');
    const newest = `/api/audit?kind=console-signed-in&limit=10&beforeSeq=${Number.MAX_SAFE_INTEGER}`;
    expect((await requester.get(newest)).json.entries).toEqual(log.entries.toReversed());
    expect((await requester.get('/api/audit?beforeSeq=9999999999999999')).status).toBe(400);
    expect(log.entries.map(({ actor }: { actor: string }) => actor)).toEqual(['alice', 'bob', 'carol']);
    expect(await controller.auditVerify()).toMatchObject({ code: 0 });
  });

  it('the console lists fleet, trust and requests as the command line does', async () => {
    const browser = await alice();
    const [host] = (await browser.get('/api/hosts?selector=env%3Dtest')).json.hosts;
    const [said] = await controller.farcallJson('alice', 'hosts', 'env=test');
    // The host goes on telling when it was heard and by which bundle it goes.
    const changing = { lastSeenAtMs: 0, trust: undefined };
    expect({ ...host, ...changing }).toEqual({ ...said, ...changing });
    expect((await browser.post('/api/selector', { selector: '*' })).json).toMatchObject({ hosts: 1 });
    const kernels = await eventually('the types of the kernel are known', async () => {
      const { json } = await browser.get('/api/kernels');
      return json.kernels[0]?.known && json.kernels;
    });
    expect(kernels).toMatchObject([{ arch: 'x86_64', hosts: 1, known: true }]);
    const { release, version, arch } = kernels[0];
    const kernel = { release, version, arch };
    const checked = await browser.post('/api/check', { program: 'f(1', kernel });
    expect(checked.json.diagnostics).toMatchObject([{ severity: 'error', line: 1, code: 'PROGRAM_SYNTAX' }]);
    const { items } = (await browser.post('/api/complete', { program: 'f', offset: 1, kernel })).json;
    expect(items).toBeInstanceOf(Array);
    expect((await browser.post('/api/selector', { selector: 'env==(' })).json.error.code).toBe(
      'SELECTOR_INVALID',
    );
    const { requests } = (await browser.get('/api/requests?state=finished')).json;
    expect(requests).toHaveLength(1);
    const { people } = (await browser.get('/api/trust')).json;
    const bob = people.find(({ name }: { name: string }) => name === 'bob');
    expect(bob.keys.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['file', 'passkey']);
  });

  it('what is rejected can be taken back, and a request aborted, by passkey; without one the console says how', async () => {
    const requester = await alice();
    const { json } = await ask(requester, DRAFT);
    const bob = await signIn('bob');
    expect((await sign(bob, 'bob', json.id, { action: 'reject', reason: 'no' })).json.status.state).toBe(
      'rejected',
    );
    expect((await sign(bob, 'bob', json.id, { action: 'withdraw' })).json.status.state).toBe('pending');
    expect((await sign(bob, 'bob', json.id, { action: 'abort', reason: 'enough' })).json.status.state).toBe(
      'aborted',
    );
    const without = await requester.post(`/api/requests/${json.id}/sign/challenge`, { action: 'approve' });
    expect(without.json.error).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('no passkey'),
    });
  });

  it('an assertion counts for its own words, person and page alone', async () => {
    const requester = await alice();
    const { json } = await ask(requester, DRAFT);
    const bob = await signIn('bob');
    const { json: proposal } = await bob.post(`/api/requests/${json.id}/sign/challenge`, {
      action: 'approve',
    });
    const { signingInput, challenge } = proposal;
    const send = (assertion: object, input = signingInput) =>
      bob.post(`/api/requests/${json.id}/sign`, { action: 'approve', signingInput: input, ...assertion });
    const [header, claims] = signingInput.split('.');
    const payload = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const other = Buffer.from(JSON.stringify({ ...payload, reason: 'another' })).toString('base64url');
    const refused: [string, Promise<{ status: number }>][] = [
      ['other words', send(signed('bob', challenge), `${header}.${other}`)],
      ['by another', send(signed('carol', challenge))],
      [
        'from another page',
        send(signed('bob', challenge, { clientData: { origin: 'https://evil.example' } })),
      ],
      ['without the person', send(signed('bob', challenge, { flags: 0x01 }))],
      ['for another domain', send(signed('bob', challenge, { rpId: 'evil.example' }))],
      ['no assertion', send({})],
    ];
    for (const [what, reply] of refused) expect((await reply).status, what).toBeGreaterThanOrEqual(400);
    expect((await bob.get(`/api/requests/${json.id}`)).json.status.approvers).toEqual([]);
  });

  it('a session alone makes no request: it takes the passkey of the requester over these bytes', async () => {
    const requester = await alice();
    const before = (await requester.get('/api/requests')).json.requests.length;
    const prepared = async (draft: object) =>
      (await requester.post('/api/requests/prepare', draft)).json as {
        bytes: string;
        proposal: { signingInput: string; challenge: string };
      };
    const { bytes, proposal } = await prepared(DRAFT);
    const { signingInput, challenge } = proposal;
    const other = await prepared({ ...DRAFT, program: 'g(2)' });
    const refused: [string, object][] = [
      ['no assertion', { bytes, signingInput }],
      ['by another', { bytes, signingInput, ...signed('bob', challenge) }],
      ['other bytes', { bytes: other.bytes, signingInput, ...signed('alice', challenge) }],
      ['without the person', { bytes, signingInput, ...signed('alice', challenge, { flags: 0x01 }) }],
      ['a draft', DRAFT],
    ];
    for (const [what, body] of refused) {
      const { status } = await requester.post('/api/requests', body);
      expect([400, 401, 403], what).toContain(status);
    }
    expect((await requester.get('/api/requests')).json.requests).toHaveLength(before);
  });

  it('a session alone acts on no rollout: it takes the passkey of the person over this action', async () => {
    const requester = await alice();
    const { id } = (await ask(requester, DRAFT)).json;
    const bob = await signIn('bob');
    const pausing = { action: 'pause', reason: 'to look', wave: 0 };
    const { json: proposal } = await bob.post(`/api/requests/${id}/sign/challenge`, pausing);
    const { signingInput, challenge } = proposal;
    const approval = (await bob.post(`/api/requests/${id}/sign/challenge`, { action: 'approve' })).json;
    const send = (action: string, input: string, assertion: object) =>
      bob.post(`/api/requests/${id}/sign`, { action, signingInput: input, ...assertion });
    const refused: [string, Promise<{ status: number }>][] = [
      ['no signature', bob.post(`/api/requests/${id}/pause`, { reason: 'to look', wave: 0 })],
      ['no assertion', send('pause', signingInput, {})],
      ['by another', send('pause', signingInput, signed('carol', challenge))],
      ['an approval as a pause', send('pause', approval.signingInput, signed('bob', approval.challenge))],
      ['a pause as an approval', send('approve', signingInput, signed('bob', challenge))],
    ];
    for (const [what, reply] of refused) expect([400, 401, 403, 404], what).toContain((await reply).status);
    expect((await send('pause', signingInput, signed('bob', challenge))).json.status.rollout.state).toBe(
      'paused',
    );
    expect((await send('pause', signingInput, signed('bob', challenge))).status).toBe(409);
    expect((await sign(bob, 'bob', id, { action: 'abort', reason: 'enough' })).status).toBe(200);
  });

  it('challenges and codes count once, and an approval is no sign-in', async () => {
    const browser = visitor();
    const { json } = await browser.post('/api/sign-in/challenge', {});
    const assertion = signed('bob', json.challenge);
    expect((await browser.post('/api/sign-in/passkey', assertion)).status).toBe(200);
    expect((await visitor().post('/api/sign-in/passkey', assertion)).status).toBe(401);
    const invented = signed('bob', randomBytes(32).toString('base64url'));
    expect((await visitor().post('/api/sign-in/passkey', invented)).status).toBe(401);
    const { code } = await controller.farcallJson('carol', 'console');
    expect((await visitor().post('/api/sign-in/code', { code })).status).toBe(200);
    expect((await visitor().post('/api/sign-in/code', { code })).status).toBe(401);
  });

  it('another page cannot have a browser act', async () => {
    const browser = await alice();
    const attempts: Readonly<Record<string, string>>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of attempts) {
      const { status } = await browser.post('/api/requests', DRAFT, headers);
      expect([403, 400], JSON.stringify(headers)).toContain(status);
    }
    expect((await browser.get('/api/hosts', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const { requests } = (await browser.get('/api/requests')).json;
    expect(requests).toHaveLength(4);
  });

  it('nobody does more than they may, and the error says what is wrong', async () => {
    const bob = await signIn('bob');
    expect((await bob.post('/api/requests/prepare', DRAFT)).json.error.code).toBe('FORBIDDEN');
    const browser = await alice();
    const replies = [
      await browser.post('/api/requests/prepare', { ...DRAFT, reason: '' }),
      await browser.post('/api/requests/prepare', { ...DRAFT, selector: 'env=nowhere' }),
      await browser.post('/api/requests', 'not json'),
      await browser.post('/api/requests/prepare', { program: 'x'.repeat(400_000) }),
      await browser.get('/api/requests?limit=x'),
      await browser.get('/api/requests/nosuchreques'),
      await browser.get('/api/nothing'),
      await browser.get('/../../etc/passwd'),
      await browser.get('/%2e%2e/%2e%2e/etc/passwd'),
    ];
    for (const { status, json } of replies) {
      expect(status, JSON.stringify(json)).toBeGreaterThanOrEqual(400);
      expect(status, JSON.stringify(json)).toBeLessThan(500);
      expect(json.error).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    }
  });

  it('a session ends: signed out, unused, or its key out of the trust bundle; streams say so', async () => {
    const browser = await signIn('carol');
    const held = browser.cookie;
    const seenBy = async (who: ConsoleBrowser): Promise<string[]> => {
      const seen: string[] = [];
      for await (const { event } of who.events('/api/events', AbortSignal.timeout(30_000))) seen.push(event);
      return seen;
    };
    const streamed = seenBy(browser);
    expect((await browser.get('/api/session')).status).toBe(200);
    await browser.post('/api/sign-out', {});
    browser.cookie = held;
    expect((await browser.get('/api/session')).status).toBe(401);
    expect((await streamed).at(-1)).toBe('bye');
    const again = await signIn('carol');
    const watched = seenBy(again);
    const { kid } = passkeys.get('carol')!;
    await site.make(3, [['remove', '--approver', `carol=${kid}`]], ['rob', 'rose']);
    await site.publish(3);
    expect((await again.get('/api/session')).status).toBe(401);
    expect((await watched).at(-1)).toBe('bye');
  });

  it('whatever is sent, it answers, and with no error of its own', async () => {
    const browser = await alice();
    const paths = [
      'requests',
      'requests/prepare',
      'plans',
      'selector',
      'requests/x/sign',
      'requests/x/sign/challenge',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue(), async (path, body) => {
        const { status } = await browser.post(`/api/${path}`, body ?? {});
        expect(status).not.toBe(500);
      }),
      { numRuns: 60 },
    );
    const outside = visitor();
    const bytes = fc.base64String({ minLength: 4, maxLength: 400 }).map(one => one.replace(/[+/=]/g, 'A'));
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (clientDataJSON, attestationObject) => {
        const reply = await outside.post('/api/passkey/register', { clientDataJSON, attestationObject });
        expect([400, 401, 429]).toContain(reply.status);
      }),
      { numRuns: 20 },
    );
  });
});
