import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FarcallError } from '../../shared/errors/index.ts';
import type { ConsoleDeps } from './http/index.ts';
import { checkSameOrigin, type SentEvent, securityHeaders, sendEvents } from './http/index.ts';
import { type ConsoleCall, ROUTES, type Route } from './routes/index.ts';
import { callsOf, findSession, isOver } from './session/index.ts';

/** Streams of one person at a time: each tab has two. */
const STREAMS_LIMIT = 64;
/** How often a stream looks whether its session is still one. */
const SESSION_CHECK_MS = 5000;

/** Has `server` answer below /api for whoever is signed in; streams end with `stopped`. */
export function addApi(server: FastifyInstance, deps: ConsoleDeps, stopped: AbortSignal): void {
  const streams = new Map<string, number>();
  for (const route of ROUTES) {
    server.route({
      method: route.method,
      url: `/api/${route.path}`,
      handler: async (request, reply) => {
        const call = await enter(deps, { request, reply }, stopped);
        reply.header('cache-control', 'no-store');
        if (route.answer) return route.answer(call);
        await stream(route, call, { reply, streams });
        return reply;
      },
    });
  }
  server.all('/api/*', async request => {
    throw new FarcallError('NOT_FOUND', `there is no ${request.method} ${request.url.split('?')[0]}`);
  });
}

/** From our own page, by somebody who is signed in; only then is anything else looked at. */
async function enter(
  deps: ConsoleDeps,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  stopped: AbortSignal,
): Promise<ConsoleCall> {
  checkSameOrigin(deps.config, request.method, request.headers);
  const signedIn = await findSession(deps, request.headers.cookie);
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return {
    deps,
    signedIn,
    calls: callsOf(deps, signedIn.caller),
    params: request.params as Readonly<Record<string, string>>,
    query: new URL(request.url, deps.config.origin).searchParams,
    body: request.body,
    signal: AbortSignal.any([gone.signal, stopped]),
  };
}

interface Streaming {
  readonly reply: FastifyReply;
  readonly streams: Map<string, number>;
}

/** Until there is no more, the browser goes, or the session ends. */
async function stream(route: Route, call: ConsoleCall, { reply, streams }: Streaming): Promise<void> {
  const { session } = call.signedIn;
  const open = streams.get(session.id) ?? 0;
  if (open >= STREAMS_LIMIT)
    throw new FarcallError('RATE_LIMITED', `${STREAMS_LIMIT} streams are open; close some of the pages`);
  streams.set(session.id, open + 1);
  const ended = new AbortController();
  const watch = setInterval(
    () => void isOver(call.deps, session).then(over => over && ended.abort()),
    SESSION_CHECK_MS,
  );
  const response = reply.raw;
  response.once('close', () => ended.abort());
  const signal = AbortSignal.any([call.signal, ended.signal]);
  reply.hijack();
  response.writeHead(200, {
    ...securityHeaders(call.deps.config),
    ...{ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
    // Proxies that gather answers would hold events back.
    'x-accel-buffering': 'no',
  });
  try {
    // What the session ends, says so; what the browser ends, hears nothing more.
    await sendEvents(response, untilOver(route.events?.({ ...call, signal }), ended.signal), call.signal);
  } finally {
    clearInterval(watch);
    const left = (streams.get(session.id) ?? 1) - 1;
    if (left > 0) streams.set(session.id, left);
    else streams.delete(session.id);
  }
}

async function* untilOver(
  events: AsyncIterable<SentEvent> | undefined,
  ended: AbortSignal,
): AsyncGenerator<SentEvent> {
  if (events) yield* events;
  if (ended.aborted) yield { event: 'bye', data: {} };
}
