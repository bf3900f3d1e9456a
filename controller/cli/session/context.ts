import type { Clock } from '../../../shared/clock/index.ts';
import { openSigningKey } from '../../../shared/keys/index.ts';
import type { SigningKey } from '../../../shared/tokens/index.ts';
import { printable } from '../../views/index.ts';
import { explainFailure } from './hints.ts';
import type { ClientOptions, OperatorClient } from './operator-client.ts';
import { type OperatorIdentity, readControllerAddress, readIdentity } from './operator-identity.ts';
import type { Terminal } from './terminal.ts';

/** The surroundings of a command: tests pass their own. */
export interface CliContext {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The options that nearly every command has. */
export interface CommonOptions {
  readonly config?: string;
  /** The name of a context in the configuration. */
  readonly context?: string;
  readonly json?: boolean;
}

/** An operator with a connection to their controller. */
export interface Session {
  readonly client: OperatorClient;
  readonly identity: OperatorIdentity;
  readonly key: SigningKey;
}

/**
 * Runs `work` as the operator that the configuration names. Closes the connection in every case. Without a
 * terminal, nobody is asked for a PIN.
 */
export async function withSession<T>(
  surroundings: KeySurroundings & Pick<CliContext, 'clock'>,
  { config, context, callLimitMs }: CommonOptions & Pick<ClientOptions, 'callLimitMs'>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { clock, env } = surroundings;
  const identity = readIdentity({ configFile: config, contextName: context, env });
  const key = await openKey(surroundings, identity.key);
  const { controller: address, name, site, caFile } = identity;
  const client = await connect({ address, as: { name, site, key }, clock, caFile, callLimitMs });
  try {
    return await work({ client, identity, key });
  } catch (thrown) {
    throw explainFailure(thrown, { address, caFile, name, key: identity.key, kid: key.kid });
  } finally {
    client.close();
  }
}

/** What opening a key needs. */
type KeySurroundings = Pick<CliContext, 'env'> & Partial<Pick<CliContext, 'terminal'>>;

/**
 * The key that `source` names (see `openSigningKey`). The person at the terminal is asked for the PIN of a
 * token, if there is a person. Throws what `openSigningKey` throws.
 */
export function openKey({ terminal, env }: KeySurroundings, source: string): Promise<SigningKey> {
  return openSigningKey(source, { env, askPin: terminal && askPinOn(terminal) });
}

/** Asks the person at the terminal for the PIN of a token; undefined if there is no person. */
export function askPinOn(terminal: Terminal): ((token: string) => Promise<string | undefined>) | undefined {
  return terminal.canAskSecret
    ? token => terminal.askSecret(`PIN of the token '${printable(token)}': `)
    : undefined;
}

/** Runs `work` with the controller that the configuration names, without authentication. */
export async function withController<T>(
  { clock, env }: CliContext,
  { config, context }: CommonOptions,
  work: (client: OperatorClient) => Promise<T>,
): Promise<T> {
  const controller = readControllerAddress({ configFile: config, contextName: context, env });
  const client = await connect({ ...controller, clock });
  try {
    return await work(client);
  } catch (thrown) {
    throw explainFailure(thrown, controller);
  } finally {
    client.close();
  }
}

/** gRPC takes long to load, and help and most completions do not need it. */
async function connect(options: ClientOptions): Promise<OperatorClient> {
  const { operatorClient } = await import('./operator-client.ts');
  return operatorClient(options);
}
