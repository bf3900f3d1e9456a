import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Me } from '../../../controller/console/web/api/types.ts';
import { answersOf, type Refusal, type StandInState } from './stand-in-answers.ts';

const DIST = fileURLToPath(new URL('../../../dist/console/', import.meta.url));

/** The console's policy, as the controller sends it. */
const POLICY = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'"],
  ...["connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ...["require-trusted-types-for 'script'", "trusted-types 'none'"],
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  html: 'text/html; charset=utf-8',
};

/**
 * A server of the tests that answers the built page as a controller would, with a made-up fleet. It checks
 * nothing and signs nobody in: with it the tests look at pages in states that a real controller is in seldom,
 * and at 10,000 hosts. What is between page and controller is tested with a real one.
 */
export interface StandInApi {
  readonly origin: string;
  /** What it answers from; may be changed. */
  readonly state: StandInState;
  /** Ends each connection, and takes no new one for events until `accept`. */
  cutEvents(): void;
  accept(): void;
  stop(): Promise<void>;
}

/** Starts it with so many hosts. */
export async function startStandInApi(state: StandInState): Promise<StandInApi> {
  const answers = answersOf(state);
  const streams = new Set<ServerResponse>();
  let isCut = false;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('content-security-policy', POLICY);
    if (!url.pathname.startsWith('/api/')) return sendFile(url.pathname, response);
    if (url.pathname === '/api/events') {
      if (isCut) return sendJson(response, 503, { error: { code: 'UNREACHABLE', message: 'it is away' } });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: changed\ndata: {"kinds":[]}\n\n');
      streams.add(response);
      return;
    }
    const body = await bodyOf(request);
    const answer = answers(url, body);
    if (isRefusal(answer)) return sendJson(response, answer.status, answer.body);
    if (url.pathname === '/api/plans') return sendEvents(response, 'plan', answer);
    sendJson(response, 200, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    state,
    cutEvents() {
      isCut = true;
      for (const stream of streams) stream.destroy();
      streams.clear();
    },
    accept() {
      isCut = false;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Somebody who may ask and approve. */
export function bob(): Me {
  const nowMs = Date.now();
  return {
    ...{
      name: 'bob',
      roles: ['requester', 'approver'],
      way: 'passkey',
      passkeys: [{ credentialId: 'AAAA' }],
    },
    ...{ expiresAtMs: nowMs + 900_000, controller: 'ctl-1', rpId: 'localhost', trustVersion: 4, nowMs },
  };
}

function isRefusal(answer: unknown): answer is Refusal {
  return typeof answer === 'object' && answer !== null && 'status' in answer && 'body' in answer;
}

function sendFile(path: string, response: ServerResponse): void {
  const name = path === '/' ? 'index.html' : path.slice(1);
  if (!/^(index\.html|assets\/[\w.-]+)$/.test(name)) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-type': TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain' });
  response.end(readFileSync(`${DIST}${name}`));
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sendEvents(response: ServerResponse, event: string, data: unknown): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  if (request.method !== 'POST') return {};
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}');
}
