import { EventSourceParserStream } from 'eventsource-parser/stream';

/** What a test says to a console, as a browser would: it keeps the cookie, and says where a page is from. */
export interface ConsoleBrowser {
  /** The cookie, or none. */
  cookie: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ConsoleReply>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<ConsoleReply>;
  /** The events of a stream, until `signal` is aborted. */
  events(path: string, signal: AbortSignal, body?: unknown): AsyncGenerator<{ event: string; data: unknown }>;
}

/** An answer of the console. */
export interface ConsoleReply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what an endpoint answers is the test's to know
  readonly json: any;
}

/** A browser at the console of `origin`. */
export function consoleBrowser(origin: string): ConsoleBrowser {
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = { cookie: browser.cookie, 'sec-fetch-site': 'same-origin', ...init.headers };
    const response = await fetch(`${origin}${path}`, { ...init, headers });
    const cookie = response.headers.get('set-cookie');
    if (cookie) browser.cookie = cookie.split(';')[0]!;
    return response;
  };
  const postOf = (body: unknown, headers = {}): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const browser: ConsoleBrowser = {
    cookie: '',
    get: async (path, headers = {}) => replyOf(await send(path, { headers })),
    post: async (path, body, headers = {}) => replyOf(await send(path, postOf(body, headers))),
    async *events(path, signal, body) {
      const response = await send(path, { ...(body === undefined ? {} : postOf(body)), signal });
      const events = response
        .body!.pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream());
      for await (const { event = 'message', data } of events) yield { event, data: JSON.parse(data) };
    },
  };
  return browser;
}

async function replyOf(response: Response): Promise<ConsoleReply> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : text };
}
