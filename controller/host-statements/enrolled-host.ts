import { FarcallError } from '../../shared/errors/index.ts';
import type { EnrolledHost, HostKeyStore } from '../store/index.ts';

/**
 * The keys of `host`. Throws TOKEN_KEY_UNKNOWN if it is not enrolled, and LOCKED if it is locked.
 *
 * Threat: a host was taken over, and is still connected, or the broker does not refuse it. Everything that a
 * host says or asks for comes through here, so a locked host is neither heard nor answered.
 */
export async function enrolledHost(
  hostKeys: Pick<HostKeyStore, 'find'>,
  host: string,
): Promise<EnrolledHost> {
  const enrolled = await hostKeys.find(host);
  if (enrolled?.lockReason !== undefined)
    throw new FarcallError('LOCKED', `${host} is locked: ${enrolled.lockReason}`);
  if (enrolled) return enrolled;
  throw new FarcallError(
    'TOKEN_KEY_UNKNOWN',
    `${host} is not enrolled at this controller, or was removed; farcall host enrol ${host} lets it in`,
  );
}
