import { FarcallError } from '../../shared/errors/index.ts';

const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):\d{1,5}$/;
const NETWORK = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/;

/** Whether `address` is a socket in the file system, where there is nobody on the way. */
export function isSocketFile(address: string): boolean {
  return /^unix:\/./.test(address);
}

/**
 * Throws CONFIG_INVALID where an API may not listen, or be called, on `address`; `place` says where it was
 * read.
 *
 * Threat: without TLS, programs and results would be open to the network, and nothing would tell an operator
 * that they talk to the real controller. So plain text is for this machine only.
 */
export function checkApiAddress(place: string, address: string, hasTls: boolean): void {
  if (LOOPBACK.test(address) || isSocketFile(address)) return;
  if (!NETWORK.test(address))
    throw new FarcallError('CONFIG_INVALID', `${place}: '${address}' is not host:port or unix:/PATH`);
  if (!hasTls)
    throw new FarcallError(
      'CONFIG_INVALID',
      `${place}: '${address}' is not on loopback, and that takes TLS: ` +
        'name the certificates (tls in the configuration of a controller, caFile in that of an operator)',
    );
}
