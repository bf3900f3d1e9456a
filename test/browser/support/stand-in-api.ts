import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { EventOf, MeJson } from '../../../controller/views/index.ts';
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

/** As a controller whose broker and store are well says that it is there, and how often. */
const ALIVE = 'event: alive\ndata: {"troubles":[]}\n\n';
const ALIVE_MS = 2000;

/**
 * A server that answers the built page like a controller with an invented fleet. It checks nothing and signs
 * nobody in. With it, tests look at states of the page that are rare with a real controller, and at 10,000
 * hosts. Other tests use the page with a real controller.
 */
export interface StandInApi {
  readonly origin: string;
  /** What it answers from; tests may change it. */
  readonly state: StandInState;
  /** Ends each stream of events, and refuses new ones until `accept`. */
  cutEvents(): void;
  accept(): void;
  stop(): Promise<void>;
}

/** Starts a stand-in that answers from `state`. */
export async function startStandInApi(state: StandInState): Promise<StandInApi> {
  const answers = answersOf(state);
  const streams = new Set<ServerResponse>();
  let isCut = false;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('content-security-policy', POLICY);
    if (!url.pathname.startsWith('/api/')) return sendFile(url.pathname, response);
    if (url.pathname === '/api/events') {
      if (isCut)
        return sendJson(response, 503, { error: { code: 'UNREACHABLE', message: 'the controller is away' } });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: changed\ndata: {"kinds":[]}\n\n');
      response.write(ALIVE);
      streams.add(response);
      return;
    }
    const answer = answers({ method: request.method ?? 'GET', url, body: await bodyOf(request) });
    if (isRefusal(answer)) return sendJson(response, answer.status, answer.body);
    if (Array.isArray(answer)) return sendEvents(response, answer);
    sendJson(response, 200, answer);
  });
  const beat = setInterval(() => {
    for (const stream of streams) stream.write(ALIVE);
  }, ALIVE_MS);
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
      clearInterval(beat);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A person who may request and approve. */
export function bob(): MeJson {
  const nowMs = Date.now();
  return {
    ...{
      name: 'bob',
      roles: ['requester', 'approver'],
      signInMethod: 'passkey',
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

function sendEvents(response: ServerResponse, events: readonly EventOf<Record<string, unknown>>[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const { event, data } of events) response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  response.end();
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (request.method !== 'POST') return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}');
}
