import { FarcallError } from '../../shared/errors/index.ts';
import { credentialQueryCodec, credentialReplyCodec } from '../../shared/messages/index.ts';
import type { HostCredentials } from '../broker/index.ts';
import type { HostMessage } from '../bus/index.ts';
import { enrolledHost } from '../host-statements/index.ts';
import type { Logger } from '../log/index.ts';
import type { HostKeyStore } from '../store/index.ts';

/** The stores and services that {@link renewCredential} uses. */
export interface RenewDeps {
  readonly hostKeys: Pick<HostKeyStore, 'find'>;
  readonly hostCredentials: HostCredentials | undefined;
  readonly log: Logger;
}

/**
 * A new credential for the host that asks.
 *
 * Threat: anyone who holds an old credential of a host asks for the next. It is made for the nkey that the
 * host is enrolled with now, anyone who asks, so it is worth nothing to others; a host that was removed gets
 * none. Throws TOKEN_KEY_UNKNOWN, or CONFLICT where this controller makes no credentials.
 */
export async function renewCredential(deps: RenewDeps, { host, bytes }: HostMessage): Promise<Uint8Array> {
  const query = credentialQueryCodec.decode(bytes);
  if (query.host !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} asks for the credential of ${query.host}`);
  if (!deps.hostCredentials)
    throw new FarcallError('CONFLICT', 'this controller makes no credentials: it has no member enrolment');
  const { nkey } = await enrolledHost(deps.hostKeys, host);
  const { jwt, expiresAtMs } = await deps.hostCredentials.issue(host, nkey);
  deps.log.info({ host, credentialUntil: new Date(expiresAtMs).toISOString() }, 'credential renewed');
  return credentialReplyCodec.encode({ credential: jwt });
}
