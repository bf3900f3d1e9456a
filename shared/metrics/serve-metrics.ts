import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FarcallError, toFarcallError } from '../errors/index.ts';
import { parseListen } from '../listen/index.ts';
import type { MetricSet } from './metric-set.ts';

/** A condition for the program to do its work. `run` throws if it is not met; the message says why. */
export interface Check {
  readonly name: string;
  readonly run: () => void | Promise<void>;
}

/** The address, the metrics and the checks that a server reports. */
export interface MetricsOptions {
  /** host:port. */
  readonly listen: string;
  readonly metrics: Pick<MetricSet, 'text' | 'contentType'>;
  readonly checks: readonly Check[];
}

/** A server that is listening. */
export interface MetricsServer {
  /** host:port, with the actual port if the configuration said 0. */
  readonly address: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const PLAIN = 'text/plain; charset=utf-8';
const CONNECTIONS_LIMIT = 32;
const REQUEST_LIMIT_MS = 5000;
const CHECK_LIMIT_MS = 5000;

/**
 * Serves `/metrics` (Prometheus), `/healthz` (the program answers) and `/readyz` (it can do its work;
 * otherwise 503 and the reasons) over plain HTTP. Throws CONFIG_INVALID if it cannot listen on the address.
 *
 * Threat: anyone who reaches the address reads counts, versions and problems, without authentication. So the
 * server is off unless it is configured, listens on loopback by default, and names no host, person or
 * request. Nothing can be changed through it. A flood of requests costs one reply at a time, and few
 * connections.
 */
export async function serveMetrics({ listen, metrics, checks }: MetricsOptions): Promise<MetricsServer> {
  const pages: Readonly<Record<string, () => Promise<Answer>>> = {
    '/metrics': oneAtATime(async () => ({
      status: 200,
      type: metrics.contentType,
      text: await metrics.text(),
    })),
    '/healthz': async () => ({ status: 200, type: PLAIN, text: 'ok\n' }),
    '/readyz': oneAtATime(() => readiness(checks)),
  };
  const server = createServer(
    { requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS, maxHeaderSize: 8192 },
    (request, response) => void respond(pages, request, response),
  );
  server.maxConnections = CONNECTIONS_LIMIT;
  return { address: await listenOn(server, listen), close: () => close(server) };
}

async function listenOn(server: Server, listen: string): Promise<string> {
  const { host, port } = parseListen(listen);
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FarcallError('CONFIG_INVALID', `metrics.listen: cannot listen on ${listen}: ${reason}`, {
      cause,
    });
  }
  return listen.replace(/\d+$/, String((server.address() as AddressInfo).port));
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function respond(
  pages: Readonly<Record<string, () => Promise<Answer>>>,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = url.split('?')[0] ?? '';
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  const { status, type, text } = await answerOf(method, page);
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(method === 'HEAD' ? undefined : text);
}

async function answerOf(
  method: string | undefined,
  page: (() => Promise<Answer>) | undefined,
): Promise<Answer> {
  if (!page) return { status: 404, type: PLAIN, text: 'not found; try /metrics, /healthz or /readyz\n' };
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, type: PLAIN, text: 'only GET and HEAD are supported\n' };
  try {
    return await page();
  } catch (thrown) {
    return { status: 500, type: PLAIN, text: `${toFarcallError(thrown).message}\n` };
  }
}

/** One line for each check: `broker ok`, or `trust TRUST_EXPIRED: the trust bundle ...`. */
async function readiness(checks: readonly Check[]): Promise<Answer> {
  const lines = await Promise.all(
    checks.map(async ({ name, run }) => {
      try {
        await inTime(run);
        return { isGood: true, line: `${name} ok` };
      } catch (thrown) {
        const { code, message } = toFarcallError(thrown);
        return { isGood: false, line: `${name} ${code}: ${message}` };
      }
    }),
  );
  const status = lines.every(({ isGood }) => isGood) ? 200 : 503;
  return { status, type: PLAIN, text: lines.map(({ line }) => `${line}\n`).join('') };
}

async function inTime(run: Check['run']): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new FarcallError('UNREACHABLE', `no answer within ${CHECK_LIMIT_MS / 1000} s`)),
      CHECK_LIMIT_MS,
    );
  });
  try {
    await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Callers that ask while a reply is being made share that reply. */
function oneAtATime(make: () => Promise<Answer>): () => Promise<Answer> {
  let making: Promise<Answer> | undefined;
  return () => {
    making ??= make().finally(() => {
      making = undefined;
    });
    return making;
  };
}
