import type { HostView } from '../../../shared/messages/index.ts';
import type { OperatorClient } from '../session/index.ts';

/** A fleet comes as a stream, which may take so long. */
const HOSTS_LIMIT_MS = 60_000;

/** The hosts that `selector` matches, by default all, one after the other as the controller sends them. */
export function hostsOf(client: OperatorClient, selector = '*'): AsyncIterable<HostView> {
  return client.stream('listHosts', { selector }, HOSTS_LIMIT_MS);
}
