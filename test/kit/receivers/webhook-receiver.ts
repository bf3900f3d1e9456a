import { once } from 'node:events';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';

/** One event as it came. */
export interface ReceivedEvent {
  readonly headers: Readonly<Record<string, string>>;
  /** With the query. */
  readonly path: string;
  readonly body: string;
  /** The body, read. */
  // biome-ignore lint/suspicious/noExplicitAny: what an event says is the test's to know
  readonly json: any;
}

/** A server that webhooks are pointed at. */
export interface WebhookReceiver {
  readonly url: string;
  /** Events that it took, in the order in which they came. */
  readonly taken: readonly ReceivedEvent[];
  /** Tries so far, taken or not. */
  tries(): number;
  /**
   * What it does from now on: takes, answers with an error, a redirect or a body without an end, or says
   * nothing.
   */
  behave(way: 'take' | 'fail' | 'redirect' | 'flood' | 'hang'): void;
  /** Ends as a crash would, with all connections. */
  die(): Promise<void>;
  /** Is back on the same port. */
  start(): Promise<void>;
}

function* endless(): Generator<string> {
  for (;;) yield 'x'.repeat(65_536);
}

/** Starts one; with a certificate and key in PEM it speaks HTTPS. */
export async function startReceiver(tls?: { cert: string; key: string }): Promise<WebhookReceiver> {
  const taken: ReceivedEvent[] = [];
  const sockets = new Set<Socket>();
  let way: Parameters<WebhookReceiver['behave']>[0] = 'take';
  let tries = 0;
  let port = 0;
  const handle: RequestListener = async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    tries += 1;
    if (way === 'hang') return;
    if (way === 'flood') {
      Readable.from(endless()).pipe(response);
      return;
    }
    if (way === 'take')
      taken.push({
        ...{ headers: { ...request.headers } as never, path: request.url ?? '' },
        ...{ body, json: JSON.parse(body) },
      });
    if (way === 'redirect') response.setHeader('location', '/elsewhere');
    response.writeHead({ take: 204, fail: 503, redirect: 307 }[way]).end();
  };
  let server = createHttp();
  const start = async (): Promise<void> => {
    server = tls ? (createHttps(tls, handle) as never) : createHttp(handle);
    server.on('connection', socket => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  await start();
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/hooks/T0K3N`,
    taken,
    tries: () => tries,
    behave(next) {
      way = next;
    },
    async die() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    start,
  };
}
