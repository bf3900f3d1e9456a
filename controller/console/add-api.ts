import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FarcallError } from '../../shared/errors/index.ts';
import type { ConsoleDeps } from './http/index.ts';
import { checkSameOrigin, type SentEvent, securityHeaders, sendEvents } from './http/index.ts';
import { type ConsoleCall, ROUTES } from './routes/index.ts';
import { findSession, isOver, operatorApi } from './session/index.ts';

/** Open streams of one session: each tab of a browser has two. */
const STREAMS_LIMIT = 64;
/** How often a stream checks whether its session has ended. */
const SESSION_CHECK_INTERVAL_MS = 5000;

/** Adds the routes below /api for people who are signed in. When `stopped` is aborted, open streams end. */
export function addApi(server: FastifyInstance, deps: ConsoleDeps, stopped: AbortSignal): void {
  const streams = new Map<string, number>();
  for (const [key, handler] of Object.entries(ROUTES)) {
    const [method = '', path = ''] = key.split(' ');
    server.route({
      method,
      url: `/api/${path}`,
      handler: async (request, reply) => {
        const call = await authenticate(deps, { request, reply }, stopped);
        reply.header('cache-control', 'no-store');
        return serve(handler, call, { reply, streams });
      },
    });
  }
  server.all('/api/*', async request => {
    throw new FarcallError('NOT_FOUND', `there is no ${request.method} ${request.url.split('?')[0]}`);
  });
}

/**
 * Lets only our own page pass, and only for a person who is signed in; nothing else of the call is read
 * before.
 */
async function authenticate(
  deps: ConsoleDeps,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  stopped: AbortSignal,
): Promise<ConsoleCall> {
  checkSameOrigin(deps.config, request.method, request.headers);
  const signedIn = await authenticSession(deps, request);
  deps.limits.admitPerson(signedIn.caller.name);
  const disconnected = new AbortController();
  reply.raw.once('close', () => disconnected.abort());
  return {
    deps,
    signedIn,
    api: operatorApi(deps, signedIn.caller),
    params: request.params as Readonly<Record<string, string>>,
    query: new URL(request.url, deps.config.origin).searchParams,
    body: request.body,
    signal: AbortSignal.any([disconnected.signal, stopped]),
  };
}

/** Looks the session up in the store; an address without a valid one cannot have that done without end. */
async function authenticSession(
  deps: ConsoleDeps,
  { headers, ip }: FastifyRequest,
): ReturnType<typeof findSession> {
  deps.limits.admitAddress(ip);
  try {
    return await findSession(deps, headers.cookie);
  } catch (error) {
    deps.limits.countUnauthenticated(ip);
    throw error;
  }
}

interface Streaming {
  readonly reply: FastifyReply;
  /** How many streams each session has open. */
  readonly streams: Map<string, number>;
}

type AnyHandler = (call: ConsoleCall) => Promise<unknown> | AsyncIterable<SentEvent>;

/**
 * Calls the handler; its result is the reply, or the events of a stream that lasts as long as the session.
 */
async function serve(handler: AnyHandler, call: ConsoleCall, streaming: Streaming): Promise<unknown> {
  const ended = new AbortController();
  const signal = AbortSignal.any([call.signal, ended.signal]);
  const result = handler({ ...call, signal });
  if (!(Symbol.asyncIterator in result)) return result;
  await stream(result, { call, ended }, streaming);
  return streaming.reply;
}

/** Sends events until there are no more, the browser disconnects, or the session ends. */
async function stream(
  events: AsyncIterable<SentEvent>,
  { call, ended }: { readonly call: ConsoleCall; readonly ended: AbortController },
  { reply, streams }: Streaming,
): Promise<void> {
  const { session } = call.signedIn;
  const open = streams.get(session.id) ?? 0;
  if (open >= STREAMS_LIMIT)
    throw new FarcallError('RATE_LIMITED', `${STREAMS_LIMIT} streams are open; close some of the pages`);
  const endStream = call.deps.limits.openStream(call.signedIn.caller.name);
  streams.set(session.id, open + 1);
  const watch = setInterval(
    () => void isOver(call.deps, session).then(over => over && ended.abort()),
    SESSION_CHECK_INTERVAL_MS,
  );
  const response = reply.raw;
  response.once('close', () => ended.abort());
  reply.hijack();
  response.writeHead(200, {
    ...securityHeaders(call.deps.config),
    ...{ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
    // Proxies that buffer replies would delay events.
    'x-accel-buffering': 'no',
  });
  try {
    // If the session ended, the page is told so; if the browser disconnected, nothing more is sent.
    await sendEvents(response, untilOver(events, ended.signal), call.signal);
  } finally {
    clearInterval(watch);
    endStream();
    const left = (streams.get(session.id) ?? 1) - 1;
    if (left > 0) streams.set(session.id, left);
    else streams.delete(session.id);
  }
}

async function* untilOver(events: AsyncIterable<SentEvent>, ended: AbortSignal): AsyncGenerator<SentEvent> {
  yield* events;
  if (ended.aborted) yield { event: 'bye', data: {} };
}
