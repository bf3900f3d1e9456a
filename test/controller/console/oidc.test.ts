import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ListeningConsole, oidcProvider, startConsole } from '../../../controller/console/index.ts';
import { freePort } from '../../../deploy/demo/service.ts';
import { START_MS } from '../../kit/cast.ts';
import { consoleDepsOf } from '../../kit/console-deps-kit.ts';
import { type ControllerParts, controllerParts, introduce } from '../../kit/controller-kit.ts';
import { type ProviderManners, startProvider, type TestProvider } from '../../kit/receivers/oidc-provider.ts';

const NOW_S = Math.floor(START_MS / 1000);

describe('signing in through a provider of identities', () => {
  let folder: string;
  let parts: ControllerParts;
  let provider: TestProvider;
  let page: ListeningConsole;
  let origin: string;
  const logged: { code?: string }[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-oidc-'));
    parts = controllerParts();
    await introduce(parts);
    provider = await startProvider(parts.clock);
    logged.length = 0;
    await start({ people: { 'alice-at-work': 'alice', 'mallory-at-work': 'mallory' } });
  });
  afterEach(async () => {
    await page.close();
    await provider.close();
    rmSync(folder, { recursive: true });
  });

  async function start(settings: { people: Record<string, string>; claim?: 'sub' | 'email' }): Promise<void> {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    const { issuer, clientId, secret } = provider;
    const oidc = { issuer, clientId, claim: 'sub' as const, ...settings };
    const config = { listen: `127.0.0.1:${port}`, origin, sessionMs: 3_600_000, idleMs: 900_000, oidc };
    const log = { ...parts.log, warn: (line: { code?: string }) => void logged.push(line) };
    page = await startConsole({
      ...{ ...consoleDepsOf(parts), config, tls: undefined, assets: folder, log: log as never },
      oidc: oidcProvider(oidc, { secret, clock: parts.clock }),
    });
  }

  /** One address after the other as a browser goes, with the cookies of the console. */
  const visit = async (path: string, cookies: Map<string, string>, headers = {}): Promise<Response> => {
    const cookie = [...cookies].map(pair => pair.join('=')).join('; ');
    const response = await fetch(`${origin}${path}`, { redirect: 'manual', headers: { cookie, ...headers } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  /** From the link on the page to the address that brings the code back. */
  const goThere = async (cookies: Map<string, string>): Promise<string> => {
    const away = await visit('/api/sign-in/oidc', cookies, { 'sec-fetch-site': 'same-origin' });
    expect(away.status).toBe(303);
    const back = await fetch(away.headers.get('location')!, { redirect: 'manual' });
    const address = new URL(back.headers.get('location')!);
    expect(address.origin).toBe(origin);
    return address.pathname + address.search;
  };
  const comeBack = async (path: string, cookies: Map<string, string>): Promise<string> => {
    const response = await visit(path, cookies, { 'sec-fetch-site': 'cross-site' });
    expect(response.status).toBe(303);
    return response.headers.get('location')!;
  };
  const signIn = async (cookies = new Map<string, string>()): Promise<string> =>
    comeBack(await goThere(cookies), cookies);
  const session = async (cookies: Map<string, string>): Promise<unknown> =>
    (await visit('/api/session', cookies)).json();

  it('signing in through a provider of identities is offered, and lets in whom the configuration names, with the roles of the trust bundle', async () => {
    const cookies = new Map<string, string>();
    expect(await session(cookies)).toMatchObject({ signIn: { oidc: true } });
    expect(await signIn(cookies)).toBe('/');
    expect([...cookies.keys()]).toEqual(['farcall']);
    expect(parts.counters.all()).toMatchObject({
      'console./api/sign-in/oidc.303': 1,
      'console./api/session.401': 1,
    });
    expect(await session(cookies)).toMatchObject({
      name: 'alice',
      signInMethod: 'oidc',
      roles: ['requester', 'approver'],
    });
  });

  it('signing in through a provider of identities keeps keys and metadata, and fetches keys again when they were changed', async () => {
    await signIn();
    await signIn();
    expect(provider.asked.filter(path => path === '/keys')).toHaveLength(1);
    provider.rotate();
    parts.clock.advance(600_000);
    expect(await signIn()).toBe('/');
    expect(provider.asked.filter(path => path === '/keys')).toHaveLength(2);
  });

  it('signing in through a provider of identities by an e-mail address only where the provider has verified it', async () => {
    await page.close();
    await start({ claim: 'email', people: { 'alice@work.example': 'alice' } });
    const email = 'alice@work.example';
    for (const [claims, place] of [
      [{ email, email_verified: true }, '/'],
      [{ email, email_verified: false }, '/#sign-in-refused=unknown-person'],
      [{ email }, '/#sign-in-refused=unknown-person'],
      [{ email, email_verified: 'true' }, '/#sign-in-refused=unknown-person'],
    ] as const) {
      provider.manners = { claims };
      expect(await signIn()).toBe(place);
    }
  });

  it('nobody is let in whom the configuration or the trust bundle does not know', async () => {
    for (const sub of ['bob-at-work', 'mallory-at-work', '__proto__', 'constructor']) {
      provider.sub = sub;
      const cookies = new Map<string, string>();
      expect(await signIn(cookies)).toBe('/#sign-in-refused=unknown-person');
      expect(cookies.size).toBe(0);
    }
  });

  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const hostile: Readonly<Record<string, ProviderManners>> = {
    'a token for another client': { claims: { aud: 'somebody-else' } },
    'a token for us and others, made for another': { claims: { aud: ['farcall', 'x'], azp: 'x' } },
    'a token of another provider': { claims: { iss: 'http://127.0.0.1:1' } },
    'a token for another sign-in': { claims: { nonce: 'another' } },
    'a token without nonce': { claims: { nonce: undefined } },
    'a token that is over': { claims: { exp: NOW_S - 60 } },
    'a token of tomorrow': { claims: { iat: NOW_S + 600 } },
    'an old token': { claims: { iat: NOW_S - 3600 } },
    'a token that names nobody': { claims: { sub: '' } },
    'a token without signature': { header: { alg: 'none', kid: undefined }, signer: () => Buffer.alloc(0) },
    'a token signed with the public secret': {
      header: { alg: 'HS256' },
      signer: input => createHmac('sha256', 'a secret: of + the client').update(input).digest(),
    },
    'a token by another key': {
      signer: input => sign('sha256', Buffer.from(input), { key: other, dsaEncoding: 'ieee-p1363' }),
    },
    'a token by a key that is not there': { header: { kid: 'three' } },
    'an answer of another provider': { answer: { code: 'x', iss: 'http://127.0.0.1:1' } },
    'an answer that names no provider, where it said that it would': { answer: { code: 'x' } },
    'a code that it does not know': { answer: { code: 'x', iss: '' } },
    'tokens that are no JSON': { instead: { '/token': response => response.end('<html>') } },
    'a token endpoint that sends elsewhere': {
      instead: { '/token': response => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end() },
    },
    'a token endpoint without end': {
      instead: {
        '/token': response => {
          response.writeHead(200);
          const more = (): boolean => response.write('x'.repeat(65_536), () => !response.destroyed && more());
          more();
        },
      },
    },
  };
  it.each(Object.entries(hostile))('%s is refused', async (_name, manners) => {
    provider.manners = manners;
    const cookies = new Map<string, string>();
    expect(await signIn(cookies)).toBe('/#sign-in-refused=failed');
    expect(cookies.size).toBe(0);
    expect(logged.at(-1)?.code).toMatch(/^(TOKEN_|PROVIDER_FAILED)/);
  });

  it('metadata of another provider, or with endpoints in the clear, send nobody there', async () => {
    for (const metadata of [
      { issuer: 'https://other.example' },
      { token_endpoint: 'http://other.example/t' },
    ]) {
      provider.manners = { metadata };
      const response = await visit('/api/sign-in/oidc', new Map());
      expect(response.headers.get('location')).toBe('/#sign-in-refused=failed');
      expect(logged.at(-1)?.code).toBe('PROVIDER_FAILED');
    }
  });

  it('an answer counts once, in the browser that began, for ten minutes', async () => {
    const cookies = new Map<string, string>();
    const path = await goThere(cookies);
    const held = new Map(cookies);
    expect(await comeBack(path, new Map())).toBe('/#sign-in-refused=expired');
    const others = new Map<string, string>();
    await goThere(others);
    expect(await comeBack(path, others)).toBe('/#sign-in-refused=expired');
    expect(await comeBack(path, cookies)).toBe('/');
    expect(await comeBack(path, held)).toBe('/#sign-in-refused=expired');
    const late = new Map<string, string>();
    const latePath = await goThere(late);
    parts.clock.advance(601_000);
    expect(await comeBack(latePath, late)).toBe('/#sign-in-refused=expired');
  });

  it('what the provider refuses is said, and another page cannot begin a sign-in', async () => {
    provider.manners = { answer: { error: 'access_denied' } };
    expect(await signIn()).toBe('/#sign-in-refused=refused');
    const response = await visit('/api/sign-in/oidc', new Map(), { 'sec-fetch-site': 'cross-site' });
    expect(response.status).toBe(403);
  });
});
