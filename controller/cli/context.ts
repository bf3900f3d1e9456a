import type { Clock } from '../../shared/clock/index.ts';
import { readKeyFile, type SigningKey } from '../../shared/tokens/index.ts';
import { explainFailure } from './hints.ts';
import { type Identity, readControllerPlace, readIdentity } from './identity.ts';
import { type ClientOptions, type OperatorClient, operatorClient } from './operator-client.ts';
import type { Terminal } from './terminal.ts';

/** What every command works with. */
export interface CliContext {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Options that every command has. */
export interface CommonOptions {
  readonly config?: string;
  /** Which of the contexts of the configuration. */
  readonly context?: string;
  readonly json?: boolean;
}

/** An operator who can call their controller. */
export interface Session {
  readonly client: OperatorClient;
  readonly identity: Identity;
  readonly key: SigningKey;
}

/** Does `work` as the operator that the configuration names; closes the connection whatever happens. */
export async function withSession<T>(
  { clock, env }: CliContext,
  { config, context, callLimitMs }: CommonOptions & Pick<ClientOptions, 'callLimitMs'>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const identity = readIdentity({ configFile: config, contextName: context, env });
  const key = readKeyFile(identity.keyFile);
  const { controller: address, name, caFile } = identity;
  const client = operatorClient({ address, as: { name, key }, clock, caFile, callLimitMs });
  try {
    return await work({ client, identity, key });
  } catch (thrown) {
    throw explainFailure(thrown, { address, caFile, name, keyFile: identity.keyFile, kid: key.kid });
  } finally {
    client.close();
  }
}

/** Does `work` at the controller that the configuration names, without being anybody there. */
export async function withController<T>(
  { clock, env }: CliContext,
  { config, context }: CommonOptions,
  work: (client: OperatorClient) => Promise<T>,
): Promise<T> {
  const place = readControllerPlace({ configFile: config, contextName: context, env });
  const client = operatorClient({ ...place, clock });
  try {
    return await work(client);
  } catch (thrown) {
    throw explainFailure(thrown, place);
  } finally {
    client.close();
  }
}
