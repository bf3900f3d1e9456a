import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginSession, type ListeningConsole, startConsole } from '../../../controller/console/index.ts';
import { KEYS } from '../../kit/cast.ts';
import { consoleDepsOf } from '../../kit/console-deps-kit.ts';
import { type ControllerParts, controllerParts, introduce } from '../../kit/controller-kit.ts';

const ALICE = { person: 'alice', kid: KEYS.alice.kid, signInMethod: 'operator-key' } as const;
const SCRIPT = 'export const page = 1;\n';

describe('the console is served', () => {
  let folder: string;
  let parts: ControllerParts;
  let page: ListeningConsole | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-console-'));
    parts = controllerParts();
    await introduce(parts);
  });
  afterEach(async () => {
    await page?.close();
    page = undefined;
    rmSync(folder, { recursive: true });
  });

  /** Behind a proxy, so to speak: what is asked names the origin's host, and comes over loopback. */
  const config = {
    ...{ listen: '127.0.0.1:0', origin: 'https://console.example' },
    ...{ sessionMs: 8 * 3_600_000, idleMs: 900_000 },
  };
  const start = async (tls?: { readonly certificates: Buffer; readonly key: Buffer }): Promise<string> => {
    page = await startConsole({ ...consoleDepsOf(parts), config, tls, assets: folder, oidc: undefined });
    return page.address;
  };
  const cookie = async (): Promise<string> =>
    `__Host-farcall=${(await beginSession({ ...parts, config }, ALICE)).secret}`;

  /** One request as its bytes are: fetch would choose Host itself. */
  const ask = async (
    address: string,
    line: string,
    { headers = {}, body = '' }: { headers?: Readonly<Record<string, string>>; body?: string } = {},
  ): Promise<{ status: number; head: string; body: string }> => {
    const [host = '', port] = address.split(':');
    const socket = connect(Number(port), host);
    const all = { host: 'console.example', connection: 'close', ...headers };
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const lines = Object.entries({ ...all, ...length }).map(([name, value]) => `${name}: ${value}`);
    socket.write(`${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
    const chunks: Buffer[] = [];
    socket.on('data', chunk => chunks.push(chunk));
    await once(socket, 'close');
    const [head = '', ...rest] = Buffer.concat(chunks).toString().split('\r\n\r\n');
    return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), body: rest.join('\r\n\r\n') };
  };
  const post = async (address: string, path: string, body: unknown, sent: string) => {
    const headers = { 'content-type': 'application/json', origin: config.origin, cookie: sent };
    const reply = await ask(address, `POST ${path}`, { headers, body: JSON.stringify(body) });
    return { status: reply.status, json: JSON.parse(reply.body) };
  };
  const build = (): void => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>farcall</title>');
    writeFileSync(join(folder, 'assets', 'index-abc123.js'), SCRIPT);
  };

  it('the console serves its page, lets browsers keep files with a digest in their name, and serves nothing else', async () => {
    build();
    const address = await start();
    const index = await ask(address, 'GET /');
    expect(index.status).toBe(200);
    expect(index.head).toContain('cache-control: no-cache');
    for (const header of [
      "content-security-policy: default-src 'none'; script-src 'self';",
      'x-content-type-options: nosniff',
      'referrer-policy: no-referrer',
      'cross-origin-opener-policy: same-origin',
      'cross-origin-resource-policy: same-origin',
      'permissions-policy: publickey-credentials-get=(self)',
      'strict-transport-security: max-age=',
    ])
      expect(index.head).toContain(header);
    const script = await ask(address, 'GET /assets/index-abc123.js');
    expect(script.head).toContain('cache-control: public, max-age=31536000, immutable');
    const etag = /etag: (.*)/.exec(script.head)![1]!;
    const again = await ask(address, 'GET /assets/index-abc123.js', {
      headers: { 'if-none-match': etag.replace('w/', 'W/') },
    });
    expect(again.status).toBe(304);
    for (const path of [
      '/../../../../../../etc/passwd',
      '/assets/..%2f..%2f..%2f..%2fetc/passwd',
      '/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
      '/assets/..\\..\\etc\\passwd',
      '//etc/passwd',
      '/assets/\0',
    ]) {
      const { status, body } = await ask(address, `GET ${path}`);
      expect(status, path).toBeGreaterThanOrEqual(400);
      expect(body).not.toContain('root:');
    }
  });

  it('the console says what to do if its page was not built', async () => {
    const { status, body } = await ask(await start(), 'GET /');
    expect([status, body]).toEqual([503, expect.stringContaining('<code>npm run build</code>')]);
  });

  it('a person who is signed in gets kernels, functions, checks and completions as from the operator API', async () => {
    const address = await start();
    const sent = await cookie();
    const kernels = JSON.parse((await ask(address, 'GET /api/kernels', { headers: { cookie: sent } })).body);
    const [kernel] = kernels.kernels;
    expect(kernel).toMatchObject({ known: false, problem: 'nobody answered' });
    const { release, version, arch } = kernel;
    const asked = { program: 'f(1)', kernel: { release, version, arch } };
    for (const [path, body] of [
      ['check', asked],
      ['complete', { ...asked, offset: 1 }],
    ] as const) {
      expect(await post(address, `/api/${path}`, body, sent)).toMatchObject({
        ...{ status: 404, json: { error: { code: 'NOT_FOUND' } } },
      });
      expect((await post(address, `/api/${path}`, { ...body, kernel: 1 }, sent)).status).toBe(400);
      expect((await post(address, `/api/${path}`, body, '')).status).toBe(401);
    }
    const found = await ask(address, 'GET /api/functions?pattern=f*', { headers: { cookie: sent } });
    expect(JSON.parse(found.body)).toMatchObject({ groups: [], truncated: false });
  });

  it('one address may try to sign in only so often', async () => {
    const address = await start();
    const tries = async () => (await post(address, '/api/sign-in/code', { code: 'x' }, '')).status;
    const seen = [];
    for (let each = 0; each < 121; each++) seen.push(await tries());
    expect(seen).toEqual([...Array(120).fill(401), 429]);
    parts.clock.advance(1000);
    expect(await tries()).toBe(401);
    // A proxy on this machine says for whom it asks: the last address that is not its own.
    for (const [forwarded, status] of [
      ['203.0.113.7', 401],
      ['127.0.0.1', 429],
      ['203.0.113.8, 127.0.0.1', 401],
    ] as const) {
      const headers = {
        'content-type': 'application/json',
        origin: config.origin,
        'x-forwarded-for': forwarded,
      };
      const reply = await ask(address, 'POST /api/sign-in/code', { headers, body: '{"code":"x"}' });
      expect([forwarded, reply.status]).toEqual([forwarded, status]);
    }
  });

  it('over TLS with HTTP/2 one connection carries many streams, and the console can close while they are open', async () => {
    const { certificates, key } = selfSigned();
    const address = await start({ certificates, key });
    const session = connectHttp2(`https://${address}`, { ca: certificates, servername: 'console.example' });
    const sent = await cookie();
    const streams = await Promise.all(Array.from({ length: 10 }, () => openEvents(session, sent)));
    expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]));
    const closed = page!.close();
    page = undefined;
    await Promise.all([closed, ...streams.map(({ ended }) => ended)]);
    session.close();
  });
});

async function openEvents(session: ClientHttp2Session, cookie: string) {
  const stream = session.request({ ':path': '/api/events', ':authority': 'console.example', cookie });
  const [headers] = await once(stream, 'response');
  stream.resume();
  return { status: headers[':status'], ended: once(stream, 'close') };
}

/** A certificate for console.example, signed by itself, in PEM. */
function selfSigned(): { readonly certificates: Buffer; readonly key: Buffer } {
  const subject = ['-subj', '/CN=console.example', '-addext', 'subjectAltName=DNS:console.example'];
  const made = execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', '-', '-days', '2', ...subject],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const block = (name: string): Buffer =>
    Buffer.from(new RegExp(`-----BEGIN ${name}-----[^]*?-----END ${name}-----\n`).exec(made)![0]);
  return { certificates: block('CERTIFICATE'), key: block('PRIVATE KEY') };
}
