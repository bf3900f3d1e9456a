import { FarcallError, toFarcallError } from '../../../shared/errors/index.ts';
import { printable, type ReadRequest, readRequestView } from '../../views/index.ts';
import type { Session } from '../session/index.ts';

/** Among so many of the newest requests the beginning of an id is looked for. */
const SEARCHED = 500;

/** Most ids that an error lists. */
const LISTED = 8;

/**
 * The request whose id is `typed`, or begins with it. Throws NOT_FOUND, and CONFLICT if several begin so.
 *
 * Threat: a controller answers with another request than the one that a person means. What it sends must have
 * the id that was typed, or begin with it; and what is signed is shown first.
 */
export async function findRequest({ client }: Pick<Session, 'client'>, typed: string): Promise<ReadRequest> {
  try {
    return readRequestView(await client.call('getRequest', { id: typed }), typed);
  } catch (thrown) {
    if (toFarcallError(thrown).code !== 'NOT_FOUND') throw thrown;
  }
  const { requests } = await client.call('listRequests', { limit: SEARCHED });
  const [first, ...others] = requests.filter(({ id }) => id.startsWith(typed));
  if (!first)
    throw new FarcallError('NOT_FOUND', `no request has the id ${typed}; farcall requests lists them`);
  if (others.length > 0) {
    const found = [first, ...others]
      .slice(0, LISTED)
      .map(({ id, reason }) => `\n${id}  ${printable(reason)}`);
    throw new FarcallError('CONFLICT', `${others.length + 1} requests begin with ${typed}:${found.join('')}`);
  }
  return readRequestView(await client.call('getRequest', { id: first.id }), first.id);
}
