import { connect, credsAuthenticator, type NatsConnection } from 'nats';
import { toFarcallError } from '../../shared/errors/index.ts';
import type { BrokerTls } from '../../shared/tls/index.ts';
import type { SystemRequest, WithSystemAccount } from '../broker/index.ts';

/** How to reach the broker as a user of its system account. */
export interface SystemAccountOptions {
  readonly servers: readonly string[];
  readonly name: string;
  /** Reads the NATS credentials of the user. */
  readonly credentials: () => string;
  readonly tls: BrokerTls | undefined;
}

const CONNECT_LIMIT_MS = 10_000;
const REPLY_LIMIT_MS = 5000;

/** The system account of a broker, for {@link WithSystemAccount}. */
export interface SystemAccount {
  readonly use: WithSystemAccount;
  /** Ends the connection, if there is one. */
  close(): Promise<void>;
}

/**
 * Connects for the first piece of work, and keeps the connection: a host that floods must be off the broker
 * soon, and a new connection takes longest while a flood is received. Work that fails on a connection that
 * was kept is done once more on a new one, since the broker may have been started again.
 */
export function systemAccount(options: SystemAccountOptions): SystemAccount {
  let kept: NatsConnection | undefined;
  const drop = async (): Promise<void> => {
    const connection = kept;
    kept = undefined;
    await connection?.close();
  };
  const onNew = async <T>(work: Parameters<typeof workOn<T>>[1]): Promise<T> => {
    const connection = await dial(options);
    kept = connection;
    return workOn(connection, work);
  };
  return {
    async use(work) {
      try {
        if (!kept || kept.isClosed()) return await onNew(work);
        return await workOn(kept, work).catch(async () => {
          await drop();
          return onNew(work);
        });
      } catch (cause) {
        await drop();
        throw toFarcallError(cause, 'UNREACHABLE');
      }
    },
    close: drop,
  };
}

function workOn<T>(connection: NatsConnection, work: (request: SystemRequest) => Promise<T>): Promise<T> {
  return work(async (subject, bytes) => {
    const reply = await connection.request(subject, bytes, { timeout: REPLY_LIMIT_MS });
    return reply.data;
  });
}

function dial({ servers, name, credentials, tls }: SystemAccountOptions): Promise<NatsConnection> {
  const authenticator = credsAuthenticator(Buffer.from(`${credentials().trim()}\n`));
  return connect({
    ...{ servers: [...servers], name, authenticator, reconnect: false, timeout: CONNECT_LIMIT_MS },
    ...(tls && { tls }),
  });
}
