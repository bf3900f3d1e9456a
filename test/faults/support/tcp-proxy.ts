import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

/** A network between hosts and their broker that can be disturbed. */
export interface TcpProxy {
  readonly port: number;
  /** Ends all connections, and takes no new ones until {@link TcpProxy.heal}. */
  cut(): void;
  /**
   * Lets nothing more through, in either direction, and says so to nobody; nothing is lost, it comes later.
   */
  hold(): void;
  heal(): void;
  close(): Promise<void>;
}

/** Starts a proxy on loopback that hands everything on to `targetPort`. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let state: 'open' | 'cut' | 'held' = 'open';
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer(near => {
    if (state === 'cut') return void near.destroy();
    const far = dial(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      track(from).on('data', bytes => void to.write(bytes));
      from.on('close', () => to.destroy());
      if (state === 'held') from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = 'cut';
      for (const socket of sockets) socket.destroy();
    },
    hold() {
      state = 'held';
      for (const socket of sockets) socket.pause();
    },
    heal() {
      state = 'open';
      for (const socket of sockets) socket.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
