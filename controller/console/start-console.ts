import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { parseListen } from '../../shared/listen/index.ts';
import { logRefusal } from '../log/index.ts';
import { checkApiAddress } from '../rpc/index.ts';
import { addApi } from './add-api.ts';
import { addSignIn } from './add-sign-in.ts';
import type { ConsoleDeps } from './http/index.ts';
import { errorReply, securityHeaders } from './http/index.ts';

/** A console that listens. */
export interface ListeningConsole {
  /** host:port; if the settings said port 0, the port that the system chose. */
  readonly address: string;
  /** Ends the streams and stops listening. */
  close(): Promise<void>;
}

/** The largest body is a draft with a program of 64 KiB, in JSON. */
const BODY_LIMIT_BYTES = 256 << 10;
/** Threat: a client that sends a byte now and then would keep a connection open indefinitely. */
const REQUEST_LIMIT_MS = 10_000;
const IDLE_LIMIT_MS = 60_000;
const ONE_YEAR_S = 31_536_000;

/**
 * Serves the console: the page, and below /api what the page calls. Throws CONFIG_INVALID where the console
 * may not or cannot listen.
 *
 * Each threat is described where the code counters it: calls of other pages (`same-origin.ts`), foreign
 * scripts (`security-headers.ts`), sessions (`sessions.ts`), permissions (`operator-api.ts`), signatures
 * (`sign-actions.ts`). The page itself comes from the controller: an attacker who controls the controller can
 * show something else than is signed. The page compares what a passkey signs with the bytes that it shows;
 * that catches mistakes, but not another page. Those who must be sure sign with `farcall approve`.
 */
export async function startConsole(deps: ConsoleDeps): Promise<ListeningConsole> {
  const { config, log } = deps;
  checkApiAddress('console.listen', config.listen, deps.tls !== undefined);
  const stop = new AbortController();
  const server = makeServer(deps);
  const headers = securityHeaders(config);
  server.addHook('onSend', async (_request, reply, payload) => {
    reply.headers(headers);
    return payload;
  });
  // Counted by the route's pattern, never by the path: there are as many series as routes.
  server.addHook('onResponse', async (request, reply) => {
    if (request.url.startsWith('/api/'))
      deps.counters.count(`console.${request.routeOptions.url ?? '*'}.${reply.statusCode}`);
  });
  server.setErrorHandler((thrown, request, reply) => answerError(deps, thrown, request, reply));
  server.setNotFoundHandler(async request => {
    throw new FarcallError('NOT_FOUND', `there is no ${request.method} ${request.url.split('?')[0]}`);
  });
  addSignIn(server, deps);
  addApi(server, deps, stop.signal);
  await addPage(server, deps);
  const { host, port } = parseListen(config.listen);
  try {
    await server.listen({ host, port });
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `console.listen: cannot listen on ${config.listen}`, {
      cause,
    });
  }
  const bound = (server.server.address() as AddressInfo).port;
  const address = config.listen.replace(/:\d+$/, `:${bound}`);
  log.info({ listen: address, origin: config.origin }, 'the console is served');
  return {
    address,
    async close() {
      stop.abort();
      server.server.closeAllConnections?.();
      await server.close();
    },
  };
}

function makeServer({ tls }: ConsoleDeps): FastifyInstance {
  const limits = {
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_LIMIT_MS,
    keepAliveTimeout: IDLE_LIMIT_MS,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
  } as const;
  // Without TLS the console listens on this machine only, behind a proxy that names the client's address;
  // rate limits are by that address.
  if (!tls) return fastify({ ...limits, trustProxy: 'loopback' }) as unknown as FastifyInstance;
  const https = { cert: tls.certificates, key: tls.key, minVersion: 'TLSv1.3', allowHTTP1: true } as const;
  return fastify({ ...limits, http2: true, https }) as unknown as FastifyInstance;
}

/** The page that a browser shows if the console was not built. */
const NOT_BUILT = `<!doctype html>
<html lang="en">
<title>farcall</title>
<h1>The page of the console was not built</h1>
<p>To build it, run <code>npm run build</code> in the controller's folder and start the controller again.
The command line can do everything that the page can: <code>farcall --help</code>.</p>
`;

/** Serves the files of the page. Those with a digest in their name never change. */
async function addPage(server: FastifyInstance, { assets, log }: ConsoleDeps): Promise<void> {
  if (!existsSync(join(assets, 'index.html'))) {
    log.warn({ folder: assets }, 'console page missing: run npm run build');
    server.get('/*', (_request, reply) => reply.status(503).type('text/html; charset=utf-8').send(NOT_BUILT));
    return;
  }
  await server.register(fastifyStatic, {
    root: assets,
    cacheControl: false,
    setHeaders(response, path) {
      const isHashed = path.startsWith(join(assets, 'assets'));
      response.header('cache-control', isHashed ? `public, max-age=${ONE_YEAR_S}, immutable` : 'no-cache');
    },
  });
}

function answerError(
  { log }: ConsoleDeps,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = httpError(thrown) ?? toFarcallError(thrown);
  logRefusal(log, { path: request.routeOptions.url }, error, 'console call refused');
  const { status, headers, body } = errorReply(error);
  return reply.status(status).headers(headers).header('cache-control', 'no-store').send(body);
}

/**
 * An error of the HTTP library itself: a body that is too long or is not JSON, or a path that does not exist.
 */
function httpError(thrown: unknown): FarcallError | undefined {
  const { statusCode } = thrown as { readonly statusCode?: number };
  if (thrown instanceof FarcallError || statusCode === undefined || statusCode >= 500) return undefined;
  const code = statusCode === 404 ? 'NOT_FOUND' : 'MESSAGE_INVALID';
  return new FarcallError(code, (thrown as Error).message, { cause: thrown });
}
