import { FarcallError } from '../../shared/errors/index.ts';

const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):\d{1,5}$/;

/**
 * Throws CONFIG_INVALID where `address` is not on this machine; `place` says where it was read.
 *
 * Threat: this version of the operator API speaks plain text. Tokens are worth one call each, but programs and results
 * would be open to the network, and nothing would tell an operator that he speaks with the real controller.
 */
export function checkLocalAddress(place: string, address: string): void {
  if (LOOPBACK.test(address) || /^unix:\/./.test(address)) return;
  throw new FarcallError(
    'CONFIG_INVALID',
    `${place}: '${address}' is not on loopback; this version has no TLS for the operator API: ` +
      'use 127.0.0.1:PORT, [::1]:PORT or unix:/PATH, and reach it from elsewhere through ssh -L',
  );
}
