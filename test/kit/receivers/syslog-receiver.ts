import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { frameReader, readSyslog, type SyslogMessage } from './read-syslog.ts';

/** A receiver of syslog over TLS that reads as strictly as RFC 5424 and 5425 allow. */
export interface SyslogReceiver {
  readonly port: number;
  /** Everything that was received, in the order in which it came. */
  readonly messages: readonly SyslogMessage[];
  /** What of it was no message or frame. */
  readonly problems: readonly unknown[];
  /** Connections so far. */
  connections(): number;
  /** From now on it reads nothing, or reads again. */
  hang(doesHang: boolean): void;
  /** Ends as a crash would, with all connections. */
  die(): Promise<void>;
  /** Is back on the same port. */
  start(): Promise<void>;
}

/** Starts one with this certificate and key. */
export async function startSyslogReceiver(tls: TlsOptions): Promise<SyslogReceiver> {
  const messages: SyslogMessage[] = [];
  const problems: unknown[] = [];
  const sockets = new Set<TLSSocket>();
  /** All connections, also those whose handshake is not over. */
  const connected = new Set<Socket>();
  let [port, connections, doesHang] = [0, 0, false];
  const take = (socket: TLSSocket): void => {
    connections += 1;
    sockets.add(socket);
    const frames = frameReader();
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', chunk => {
      try {
        messages.push(...frames(chunk).map(readSyslog));
      } catch (problem) {
        problems.push(problem);
      }
    });
    if (doesHang) socket.pause();
  };
  let server = createServer();
  const start = async (): Promise<void> => {
    server = createServer(tls, take);
    server.on('tlsClientError', () => undefined);
    server.on('connection', connection => {
      connected.add(connection);
      connection.on('close', () => connected.delete(connection));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  await start();
  return {
    port,
    messages,
    problems,
    connections: () => connections,
    hang(next) {
      doesHang = next;
      for (const socket of sockets)
        if (next) socket.pause();
        else socket.resume();
    },
    async die() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of [...sockets, ...connected]) socket.destroy();
      await closed;
    },
    start,
  };
}
