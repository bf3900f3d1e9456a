import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../shared/clock/index.ts';

/** What a provider does otherwise than it should, or says of somebody. */
export interface ProviderManners {
  /** Laid over the claims of ID tokens. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Laid over their header. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signs instead of the provider's key. */
  readonly signer?: (input: string) => Buffer;
  /** Laid over the metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** What the browser is sent back with, instead of a code. */
  readonly answer?: Readonly<Record<string, string>>;
  /** Answers a path by itself. */
  readonly instead?: Readonly<Record<string, (response: ServerResponse) => void>>;
}

/** A provider of identities on loopback, which signs everybody in whom a test names. */
export interface TestProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly secret: string;
  /** Who signs in next. */
  sub: string;
  readonly clock: Clock;
  manners: ProviderManners;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** Signs with another key from now on, of which the old name is not used. */
  rotate(): void;
  close(): Promise<void>;
}

interface Pending {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly nonce: string;
}

/**
 * Starts a provider, at the time of `clock`, that checks PKCE and the secret of its client as RFC 7636 and
 * RFC 6749 want it.
 */
export async function startProvider(clock: Clock): Promise<TestProvider> {
  const server = createServer((request, response) => {
    void answer(provider, keys, codes, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const keys = { ...newKey('one') };
  const codes = new Map<string, Pending>();
  const provider: TestProvider = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{
      clientId: 'farcall',
      secret: 'a secret: of + the client',
      sub: 'alice-at-work',
      manners: {},
      asked: [],
    },
    clock,
    rotate: () => void Object.assign(keys, newKey('two')),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return provider;
}

function newKey(kid: string): { kid: string; privateKey: KeyObject; publicKey: KeyObject } {
  return { kid, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
}

type Keys = ReturnType<typeof newKey>;

async function answer(
  provider: TestProvider,
  keys: Keys,
  codes: Map<string, Pending>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', provider.issuer);
  provider.asked.push(url.pathname);
  const own = provider.manners.instead?.[url.pathname];
  if (own) return own(response);
  const json = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  if (url.pathname === '/.well-known/openid-configuration') return json(200, metadataOf(provider));
  if (url.pathname === '/keys') {
    const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: keys.kid, alg: 'ES256', use: 'sig' };
    return json(200, { keys: [jwk] });
  }
  if (url.pathname === '/authorize') return authorize(provider, codes, url.searchParams, response);
  if (url.pathname !== '/token') return json(404, {});
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  const pending = codes.get(form.get('code') ?? '');
  codes.delete(form.get('code') ?? '');
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (!isClient(provider, request.headers.authorization)) return json(401, { error: 'invalid_client' });
  if (pending?.challenge !== challenge || pending.redirectUri !== form.get('redirect_uri'))
    return json(400, { error: 'invalid_grant' });
  return json(200, {
    token_type: 'Bearer',
    access_token: 'none',
    id_token: idToken(provider, keys, pending.nonce),
  });
}

function metadataOf({ issuer, manners }: TestProvider): object {
  return {
    ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
    ...{ jwks_uri: `${issuer}/keys`, authorization_response_iss_parameter_supported: true },
    ...manners.metadata,
  };
}

function authorize(
  { issuer, manners }: TestProvider,
  codes: Map<string, Pending>,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const code = randomBytes(16).toString('hex');
  const [challenge = '', redirectUri = '', nonce = ''] = ['code_challenge', 'redirect_uri', 'nonce'].map(
    name => query.get(name) ?? '',
  );
  if (query.get('code_challenge_method') === 'S256') codes.set(code, { challenge, redirectUri, nonce });
  const back = new URL(redirectUri);
  const told = manners.answer ?? { code, iss: issuer };
  for (const [name, value] of Object.entries({ state: query.get('state') ?? '', ...told }))
    back.searchParams.set(name, value);
  response.writeHead(302, { location: back.href });
  response.end();
}

function isClient({ clientId, secret }: TestProvider, authorization: string | undefined): boolean {
  const [, given = ''] = /^Basic (\S+)$/.exec(authorization ?? '') ?? [];
  // RFC 6749, section 2.3.1: both are encoded as form fields are, and then joined.
  const decoded = Buffer.from(given, 'base64')
    .toString()
    .split(':')
    .map(part => decodeURIComponent(part.replaceAll('+', ' ')));
  return decoded.length === 2 && decoded[0] === clientId && decoded[1] === secret;
}

function idToken({ issuer, clientId, sub, manners, clock }: TestProvider, keys: Keys, nonce: string): string {
  const nowS = Math.floor(clock.nowMs() / 1000);
  const claims = { iss: issuer, aud: clientId, sub, nonce, iat: nowS, exp: nowS + 300, ...manners.claims };
  const header = { alg: 'ES256', typ: 'JWT', kid: keys.kid, ...manners.header };
  const input = [header, claims]
    .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const own = (text: string): Buffer =>
    sign('sha256', Buffer.from(text), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${(manners.signer ?? own)(input).toString('base64url')}`;
}
