import { FarcallError } from '../../shared/errors/index.ts';

const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):\d{1,5}$/;
const NETWORK = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/;

/** Whether `address` is a Unix socket, which only this machine can reach. */
export function isSocketFile(address: string): boolean {
  return /^unix:\/./.test(address);
}

/**
 * Throws CONFIG_INVALID if an API must not listen, or be called, on `address`. The message begins with
 * `source`, which says where the address was read.
 *
 * Threat: without TLS, programs and results would be open to the network, and nothing would tell an operator
 * that they talk to the real controller. So plain text is for this machine only.
 */
export function checkApiAddress(source: string, address: string, hasTls: boolean): void {
  if (LOOPBACK.test(address) || isSocketFile(address)) return;
  if (!NETWORK.test(address))
    throw new FarcallError('CONFIG_INVALID', `${source}: '${address}' is not host:port or unix:/PATH`);
  if (!hasTls)
    throw new FarcallError(
      'CONFIG_INVALID',
      `${source}: '${address}' is not on loopback, and that takes TLS: ` +
        'name the certificates (tls in the configuration of a controller, caFile in that of an operator)',
    );
}
