import { FarcallError } from '../../shared/errors/index.ts';
import type { EnrolledHost, HostKeyStore } from '../store/index.ts';

/**
 * The keys of `host`. Throws TOKEN_KEY_UNKNOWN if it is not enrolled.
 */
export async function enrolledHost(
  hostKeys: Pick<HostKeyStore, 'find'>,
  host: string,
): Promise<EnrolledHost> {
  const enrolled = await hostKeys.find(host);
  if (enrolled) return enrolled;
  throw new FarcallError(
    'TOKEN_KEY_UNKNOWN',
    `${host} is not enrolled at this controller, or was removed; farcall host enrol ${host} lets it in`,
  );
}
