import { onTestFinished } from 'vitest';
import { type NatsServer, startNatsServer } from '../nats-server.ts';

/** A real nats-server on a free port of loopback; it is stopped when the test has ended. `extra` goes into its configuration. */
export async function natsServerOfTest(extra = ''): Promise<NatsServer> {
  const server = await startNatsServer(extra);
  onTestFinished(() => server.stop());
  return server;
}
