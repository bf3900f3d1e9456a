import { onTestFinished } from 'vitest';
import { type NatsServer, startNatsServer } from './nats-server.ts';

/** A real nats-server on a free port of loopback; it is stopped when the test has ended. */
export async function natsServerOfTest(): Promise<NatsServer> {
  const server = await startNatsServer();
  onTestFinished(() => server.stop());
  return server;
}
