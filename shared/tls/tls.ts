import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import tls, { type PeerCertificate } from 'node:tls';
import { FarcallError } from '../errors/index.ts';

/**
 * From now on this process speaks TLS 1.3 (RFC 8446) or no TLS at all, on whichever connection: gRPC and NATS
 * have no option of their own for it.
 *
 * Threat: somebody on the way talks both sides down to an older version. All that we speak with is ours and
 * knows 1.3.
 */
export function requireTls13(): void {
  tls.DEFAULT_MIN_VERSION = 'TLSv1.3';
}

/**
 * The certificates in the PEM file `path`, which are to be trusted and nothing beside them. Throws
 * FILE_UNREADABLE, also where no certificate is in it: an empty list would mean the certificates of the
 * system.
 */
export function readTrustedCertificates(path: string): Buffer {
  let pem: Buffer;
  try {
    pem = readFileSync(path);
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the certificates ${path} cannot be read`, { cause });
  }
  checkCertificates(pem, path);
  return pem;
}

/** Throws FILE_UNREADABLE naming `origin` where `pem` does not begin with a certificate. */
export function checkCertificates(pem: Uint8Array, origin: string): void {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `${origin} holds no certificate in PEM`, { cause });
  }
}

/**
 * Checks that a certificate is for one of `hosts`, names or IP addresses; returns what is wrong, as Node asks
 * for it.
 *
 * Threat: a library hands over an already open socket without saying to whom it goes, as nats does for an IP
 * address, and Node then checks for `localhost`. So it is checked against what the configuration names.
 */
export function identityOneOf(
  hosts: readonly string[],
): (hostname: string, certificate: PeerCertificate) => Error | undefined {
  return (_hostname, certificate) => {
    const problems = hosts.map(host => tls.checkServerIdentity(host, certificate));
    return problems.includes(undefined) ? undefined : problems[0];
  };
}
