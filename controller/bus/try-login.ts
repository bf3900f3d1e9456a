import { connect, credsAuthenticator } from 'nats';
import { toFarcallError } from '../../shared/errors/index.ts';
import type { NatsOptions } from './nats-bus.ts';

const CONNECT_LIMIT_MS = 5000;

/**
 * Logs in at one of the brokers, once, and leaves. Returns the address of the broker that took the login.
 * Throws UNREACHABLE with the broker's own words. A controller may be logged in with the same credentials.
 */
export async function tryLogin({ servers, name, credentials, tls }: NatsOptions): Promise<string> {
  const authenticator = credentials && credsAuthenticator(Buffer.from(`${credentials().trim()}\n`));
  try {
    const connection = await connect({
      ...{ servers: [...servers], name, reconnect: false, timeout: CONNECT_LIMIT_MS },
      ...(authenticator && { authenticator }),
      ...(tls && { tls }),
    });
    const server = connection.getServer();
    await connection.close();
    return server;
  } catch (cause) {
    throw toFarcallError(cause, 'UNREACHABLE');
  }
}
