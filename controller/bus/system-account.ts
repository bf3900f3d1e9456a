import { connect, credsAuthenticator } from 'nats';
import { toFarcallError } from '../../shared/errors/index.ts';
import type { BrokerTls } from '../../shared/tls/index.ts';
import type { WithSystemAccount } from '../broker/index.ts';

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

/** Connects for each piece of work, which is rare: claims change when somebody is removed or locked. */
export function systemAccount(options: SystemAccountOptions): WithSystemAccount {
  const { servers, name, credentials, tls } = options;
  return async work => {
    const authenticator = credsAuthenticator(Buffer.from(`${credentials().trim()}\n`));
    try {
      const connection = await connect({
        ...{ servers: [...servers], name, authenticator, reconnect: false, timeout: CONNECT_LIMIT_MS },
        ...(tls && { tls }),
      });
      try {
        return await work(async (subject, bytes) => {
          const reply = await connection.request(subject, bytes, { timeout: REPLY_LIMIT_MS });
          return reply.data;
        });
      } finally {
        await connection.close();
      }
    } catch (cause) {
      throw toFarcallError(cause, 'UNREACHABLE');
    }
  };
}
